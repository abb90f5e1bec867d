"""What a card is told, what it keeps, and whose it is."""

import asyncio
from datetime import timedelta

import pytest

from faceitbot.core import atomically, clock
from faceitbot.core.errors import Conflict, InvalidInput, UnknownField
from stats.models import PlayerMapStats, PlayerStatsPoint
from stats.repositories import StatsRepository
from tests.factories import CardFactory, UserFactory
from tests.stats.statements import statements
from users.errors import UserNotFound
from users.repositories import UserRepository

stats = StatsRepository()
MAPS = {"de_nuke": {"matches": 8, "winrate": 62.5, "avg_rating": 1.1, "avg_kd": 1.2, "avg_adr": 80.0}}


def maps_of(card):
    names = ("map_name", "matches", "winrate", "avg_rating", "avg_kd", "avg_adr", "game", "expires_at")
    return list(PlayerMapStats.objects.filter(card=card).order_by("map_name").values_list(*names))


async def test_what_is_not_told_stays_as_it_was(both_ways):
    await stats.cache_player_stats(
        "p", "Nick", {"skill_level": 8, "faceit_elo": 1700, "map_performance": MAPS}
    )

    again = await stats.cache_player_stats(
        "p", "Nick2", {"faceit_elo": 1725, "winrate": None, "recent_form": ""}
    )

    assert (again.nickname, again.skill_level, again.faceit_elo, again.winrate) == ("Nick2", 8, 1725, None)
    assert again.map_performance == MAPS
    assert await stats.count() == 1


async def test_a_rating_does_not_keep_the_label_of_the_one_before(both_ways):
    await stats.cache_player_stats("p", "Nick", {"hltv_rating": 1.1, "rating_version": "1.0"})

    other = await stats.cache_player_stats("p", "Nick", {"faceit_elo": 1500})
    new = await stats.cache_player_stats("p", "Nick", {"hltv_rating": 1.3})

    assert (other.hltv_rating, other.rating_version) == (1.1, "1.0")
    assert (new.hltv_rating, new.rating_version) == (1.3, None)


async def test_an_expired_card_is_written_over(both_ways):
    long_ago = clock.now() - timedelta(days=2)
    old = await stats.cache_player_stats("p", "Nick", {"faceit_elo": 1700}, now=long_ago)
    assert await stats.get_player_stats("p") is None

    new = await stats.cache_player_stats("p", "Nick", {"faceit_elo": 1720}, ttl_minutes=5)

    assert new.pk == old.pk
    assert timedelta(minutes=4) < new.expires_at - clock.now() <= timedelta(minutes=5)
    assert (await stats.get_player_stats("p")).faceit_elo == 1720


async def test_games_are_told_apart(both_ways):
    await stats.cache_player_stats("p", "Nick", {"faceit_elo": 1700})
    await stats.cache_player_stats("p", "Nick", {"faceit_elo": 900}, game="csgo")

    assert (await stats.get_player_stats("p")).faceit_elo == 1700
    assert (await stats.get_player_stats("p", "csgo")).faceit_elo == 900
    assert await stats.get_player_stats("p", game="dota2") is None


async def test_the_table_of_maps_is_that_of_the_card(both_ways):
    card = await stats.cache_player_stats(
        "p", "Nick", {"map_performance": {**MAPS, "Dust II": {"matches": 1}}}
    )

    def stored():
        return maps_of(card)

    expected = [
        ("de_dust2", 1, None, None, None, None, "cs2", card.expires_at),
        ("de_nuke", 8, 62.5, 1.1, 1.2, 80.0, "cs2", card.expires_at),
    ]
    assert await atomically(stored) == expected

    card = await stats.cache_player_stats("p", "Nick", {"map_performance": MAPS}, ttl_minutes=60)

    assert await atomically(stored) == [("de_nuke", 8, 62.5, 1.1, 1.2, 80.0, "cs2", card.expires_at)]


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        ({"skill_level": 11}, "skill_level"),
        ({"skill_level": True}, "skill_level"),
        ({"skill_level": "9"}, "skill_level"),
        ({"danger_level": 0}, "danger_level"),
        ({"winrate": 100.1}, "winrate"),
        ({"winrate": float("nan")}, "winrate"),
        ({"avg_kd": -0.1}, "avg_kd"),
        ({"faceit_elo": 2**31}, "faceit_elo"),
        ({"recent_form": "WLX"}, "recent_form"),
        ({"recent_form": "W" * 11}, "recent_form"),
        ({"player_role": "\x00"}, "player_role"),
        ({"map_performance": [1]}, "map_performance"),
        ({"map_performance": {"de_nuke": 5}}, "map_performance.de_nuke"),
        ({"map_performance": {"de_nuke": {"matches": -1}}}, "map_performance.de_nuke.matches"),
        ({"map_performance": {"de_nuke": {"winrate": "x"}}}, "map_performance.de_nuke.winrate"),
        ({"map_performance": {"Nuke": {}, "de_nuke": {}}}, "map_performance.de_nuke"),
        ({"clutch_stats": {"x": float("inf")}}, "clutch_stats.x"),
        ({"clutch_stats": {"1v1_count": "12"}}, "clutch_stats.1v1_count"),
        ({"clutch_stats": {"1v2_rate": 101}}, "clutch_stats.1v2_rate"),
        ({"weapon_preferences": {"sniper": True}}, "weapon_preferences.sniper"),
        ({"weapon_preferences": {"zeus": -1}}, "weapon_preferences.zeus"),
        ({"match_history_stats": "much"}, "match_history_stats"),
    ],
)
async def test_a_wrong_figure_is_refused_by_its_name_and_nothing_is_written(both_ways, figures, field):
    with pytest.raises(InvalidInput) as refused:
        await stats.cache_player_stats("p", "Nick", {"faceit_elo": 1500, **figures})

    assert refused.value.context["field"] == field
    assert await stats.count() == 0


async def test_an_unknown_figure_is_refused(both_ways):
    with pytest.raises(UnknownField, match="hltv"):
        await stats.cache_player_stats("p", "Nick", {"hltv": 1.0})
    with pytest.raises(UnknownField, match="expires_at"):
        await stats.cache_player_stats("p", "Nick", {"expires_at": clock.now()})
    with pytest.raises(InvalidInput, match="stats_data"):
        await stats.cache_player_stats("p", "Nick", None)
    assert await stats.count() == 0


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("", "Nick"), "player_id"),
        ((7, "Nick"), "player_id"),
        (("p", ""), "nickname"),
        (("p", "x" * 65), "nickname"),
    ],
)
async def test_who_cannot_be_is_refused(both_ways, arguments, field):
    player, nickname = arguments

    with pytest.raises(InvalidInput) as refused:
        await stats.cache_player_stats(player, nickname, {})

    assert refused.value.context["field"] == field


async def test_a_card_belongs_to_the_user_with_its_account(both_ways):
    user = await UserRepository().create_user(7, "p", "Nick")
    other = await UserRepository().create_user(8)

    assert (await stats.cache_player_stats("p", "Nick", {})).user_id == user.pk
    assert (await stats.cache_player_stats("q", "Other", {})).user_id is None
    assert (await stats.cache_player_stats("q", "Other", {}, user_id=other.pk)).user_id == other.pk

    await UserRepository().unlink_faceit_account(7)
    assert (await stats.cache_player_stats("p", "Nick", {})).user_id is None


async def test_a_user_who_is_not_there_is_no_owner(both_ways):
    nobody = "4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11"

    with pytest.raises(UserNotFound):
        await stats.cache_player_stats("p", "Nick", {}, user_id=nobody)
    with pytest.raises(InvalidInput, match="user_id must be a UUID"):
        await stats.cache_player_stats("p", "Nick", {}, user_id=7)

    assert await stats.count() == 0


@pytest.mark.django_db
def test_many_cards_take_three_statements():
    players = [
        {"player_id": f"p{n}", "nickname": f"n{n}", "faceit_elo": 1500 + n, "map_performance": MAPS}
        for n in range(500)
    ]

    for _again in range(2):
        with statements() as asked:
            rows = stats.cache_multiple_players.blocking(players)
        assert len([sql for sql in asked if "SAVEPOINT" not in sql]) == 3, asked

    assert [row.player_id for row in rows] == [each["player_id"] for each in players]
    assert [row.faceit_elo for row in rows] == [each["faceit_elo"] for each in players]
    assert (PlayerMapStats.objects.count(), PlayerStatsPoint.objects.count()) == (500, 500)


async def test_players_may_come_with_their_figures_apart_and_tell_different_ones(both_ways):
    rows = await stats.cache_multiple_players(
        [
            {"player_id": "b", "nickname": "B", "stats_data": {"skill_level": 4}},
            {"player_id": "a", "nickname": "A", "faceit_elo": 2100},
        ],
        game="csgo",
    )

    assert [(row.player_id, row.game, row.skill_level, row.faceit_elo) for row in rows] == [
        ("b", "csgo", 4, None),
        ("a", "csgo", None, 2100),
    ]
    assert await stats.cache_multiple_players([]) == []


@pytest.mark.parametrize(
    "players",
    [
        [{"player_id": "a", "nickname": "A"}, {"player_id": "a", "nickname": "B"}],
        [{"player_id": "a", "nickname": "A"}, {"player_id": "b"}],
        [{"player_id": "a", "nickname": "A"}, {"player_id": "b", "nickname": "B", "elo": 5}],
        [{"player_id": "a", "nickname": "A"}, "b"],
    ],
    ids=["twice", "no nickname", "unknown figure", "no mapping"],
)
async def test_one_wrong_player_and_no_card_is_written(both_ways, players):
    with pytest.raises(InvalidInput):
        await stats.cache_multiple_players(players)

    assert await stats.count() == 0


@pytest.mark.django_db(transaction=True)
async def test_fifty_at_once_make_one_card():
    outcomes = await asyncio.gather(
        *(stats.cache_player_stats("p", f"nick{n}", {"faceit_elo": 1500 + n}) for n in range(50))
    )

    assert len({row.pk for row in outcomes}) == 1
    card = await stats.get_player_stats("p")
    assert await stats.count() == 1
    points = await stats.get_points("p")
    assert len(points) == len({point.faceit_elo for point in points}) == 50
    assert points[-1].faceit_elo == card.faceit_elo
    assert (await stats.get_player_stats_by_nickname(card.nickname)).pk == card.pk


@pytest.mark.django_db(transaction=True)
async def test_control_who_looks_first_and_then_creates_is_refused():
    """The same race by the naive algorithm: all look before anybody creates, and all but one fail."""
    barrier = asyncio.Barrier(10)

    async def naive():
        assert await stats.find_one({"player_id": "p"}) is None
        await barrier.wait()
        return await stats.create({"player_id": "p", "nickname": "Nick"})

    outcomes = await asyncio.gather(*(naive() for _caller in range(10)), return_exceptions=True)

    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 9


@pytest.mark.django_db(transaction=True)
async def test_the_next_look_by_any_name_sees_who_was_renamed():
    await stats.cache_player_stats("p", "Before", {})
    for name in ("Before", "After"):
        await stats.get_player_stats_by_nickname(name)  # both answers are kept

    await stats.cache_multiple_players([{"player_id": "p", "nickname": "After"}])

    assert await stats.get_player_stats_by_nickname("Before") is None
    assert (await stats.get_player_stats_by_nickname("after")).player_id == "p"


@pytest.mark.django_db
def test_of_two_with_one_nickname_the_last_written_is_given():
    now = clock.now()
    CardFactory.create(nickname="same", player_id="old", updated_at=now - timedelta(days=1))
    CardFactory.create(nickname="SAME", player_id="new", updated_at=now)

    assert stats.get_player_stats_by_nickname.blocking("Same").player_id == "new"


@pytest.mark.django_db
def test_an_owner_who_is_named_is_told_from_the_card():
    user = UserFactory.create()
    card = stats.cache_player_stats.blocking("p", "Nick", {}, user_id=user.pk)

    assert list(user.player_stats.all()) == [card]
