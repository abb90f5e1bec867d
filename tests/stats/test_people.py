"""What statistics hold about a person, and what is left of the link when he is erased."""

from datetime import timedelta

import pytest
from django.db import connection

from faceitbot.core import clock
from faceitbot.core.integrity import invariants
from faceitbot.personal.erasing import erase_person
from faceitbot.personal.exporting import export_person
from stats.integrity import INVARIANTS
from stats.models import PlayerMapStats, PlayerStatsCache
from stats.repositories import StatsRepository
from tests.factories import CardFactory, MapStatsFactory, PlayerMatchFactory, PointFactory, UserFactory
from users.imported_user import ImportedUser
from users.importing import release_faceit_accounts, upsert_imported_users
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db

stats, users = StatsRepository(), UserRepository()
MAPS = {"de_nuke": {"matches": 8, "winrate": 62.5}}


def broken():
    names = {each.name for each in INVARIANTS}
    return {each.name: list(each.find()) for each in invariants() if each.name in names}


def whole():
    return {each.name: [] for each in INVARIANTS}


@pytest.fixture
def user():
    """Somebody whose account is linked, and of whom all tables tell."""
    person = UserFactory.create(telegram_id=77, faceit_player_id="p", faceit_nickname="Nick")
    stats.cache_player_stats.blocking("p", "Nick", {"faceit_elo": 1500, "map_performance": MAPS})
    PlayerMatchFactory.create(player_id="p", nickname="Nick")
    PlayerMatchFactory.create()
    return person


def test_what_is_held_about_somebody_is_given_out(user):
    held = export_person(77)["held"]

    assert [row["faceit_elo"] for row in held["player_stats"]] == [1500]
    assert [row["map_name"] for row in held["player_map_stats"]] == ["de_nuke"]
    assert [row["nickname"] for row in held["player_matches"]] == ["Nick"]
    assert [row["faceit_elo"] for row in held["player_stats_points"]] == [1500]


def test_an_erased_person_is_unlinked_and_his_figures_stay(user):
    erasure = erase_person(77, reason="by request")

    card = PlayerStatsCache.objects.get(player_id="p")
    assert (card.user_id, card.faceit_elo) == (None, 1500)
    assert erasure.changed["player_stats"] == 1
    assert broken() == whole()

    again = stats.cache_player_stats.blocking("p", "Nick", {"faceit_elo": 1510})
    assert again.user_id is None


def owner():
    return PlayerStatsCache.objects.get(player_id="p").user_id


def test_a_card_follows_its_account(user):
    other = users.create_user.blocking(78)
    assert owner() == user.pk

    users.unlink_faceit_account.blocking(77)
    assert stats.get_player_stats.blocking("p").user_id is None
    assert "player_stats" not in export_person(77)["held"]

    users.link_faceit_account.blocking(78, "p", "Nick")
    assert stats.get_player_stats.blocking("p").user_id == other.pk
    assert export_person(78)["held"]["player_stats"]


def test_a_card_follows_whatever_links_its_account(user):
    users.update.blocking(user.pk, {"faceit_player_id": None})
    assert owner() is None
    users.update_batch.blocking([{"id": user.pk, "faceit_player_id": "p"}])
    assert owner() == user.pk
    users.update_batch.blocking([{"id": user.pk, "faceit_player_id": "another"}])
    assert owner() is None
    other = users.create_user.blocking(78, "p", "Nick")
    assert owner() == other.pk
    as_of = clock.now() + timedelta(minutes=1)
    release_faceit_accounts([ImportedUser(78, None, None, None, False, "ru", True, 0, None, None)], as_of)
    assert owner() is None
    upsert_imported_users([ImportedUser(78, "p", "Nick", None, False, "ru", True, 0, None, None)], as_of)
    assert owner() == other.pk


def test_a_link_to_an_erased_person_is_found(user):
    erase_person(77, reason="by request")
    PlayerStatsCache.objects.update(user=user)

    (found,) = broken()["erased_people_have_no_cards"]

    assert found.startswith("card ")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE player_map_stats SET matches = 9",
        "UPDATE player_map_stats SET winrate = NULL",
        "UPDATE player_map_stats SET expires_at = expires_at + interval '1 s'",
        "DELETE FROM player_map_stats",
        "UPDATE player_stats SET map_performance = '{}'",
    ],
)
def test_maps_that_are_not_those_of_the_card_are_found(user, change):
    assert broken() == whole()
    with connection.cursor() as cursor:
        cursor.execute(change)

    (found,) = broken()["maps_are_those_of_cards"]

    assert found == f"card {PlayerStatsCache.objects.get().pk}, de_nuke"


def test_a_point_that_tells_nothing_is_found():
    PointFactory.create(player_id="p", faceit_elo=1500)
    PointFactory.create(player_id="q", faceit_elo=1500)
    assert broken() == whole()
    idle = PointFactory.create(player_id="p", faceit_elo=1500)

    assert broken()["points_tell_of_changes"] == [f"point {idle.pk}"]


def test_a_deleted_user_leaves_the_card_behind():
    user = UserFactory.create()
    card = MapStatsFactory.create(card=CardFactory.create(user=user)).card

    user.delete()

    card.refresh_from_db()
    assert card.user_id is None
    assert PlayerMapStats.objects.count() == 1
