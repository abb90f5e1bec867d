"""Bodies of FACEIT become matches and cards; the same body again adds nothing."""

import copy
import json
import os
from datetime import timedelta
from math import fsum
from pathlib import Path

import pytest

from examples import faceit_bodies, faceit_statistics
from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.integrity import invariants
from stats.integrity import INVARIANTS
from stats.models import PlayerMapStats, PlayerMatch, PlayerStatsCache, PlayerStatsPoint
from stats.ratings import rating_1_0
from stats.repositories import StatsRepository
from tests.faceit.made import BEST_OF_THREE, CSGO, FIRST, MATCH, MATCHES, PEOPLE
from tests.factories import UserFactory
from tests.stats.statements import statements

pytestmark = pytest.mark.django_db

SAMPLES = os.environ.get("FACEITBOT_SAMPLES")
with_samples = pytest.mark.skipif(
    SAMPLES is None, reason="FACEITBOT_SAMPLES names no folder with bodies of FACEIT"
)
stats = StatsRepository()
TIMES = {"expires_at", "updated_at", "created_at"}


def everything(*, but=()):
    """Give all rows of the app, without the moments at which they were written."""
    tables = (PlayerStatsCache, PlayerMapStats, PlayerMatch, PlayerStatsPoint)
    names = {model: [field.attname for field in model._meta.concrete_fields] for model in tables}
    return {
        model.__name__: [
            {name: row[name] for name in row if name not in {*TIMES, *but}}
            for row in model.objects.order_by("pk").values(*names[model])
        ]
        for model in tables
    }


def record_match(played, **options):
    return stats.record_match_stats.blocking(faceit_statistics.match_stats(played), **options)


def broken():
    names = {each.name for each in INVARIANTS}
    return {each.name: rows for each in invariants() if each.name in names and (rows := list(each.find()))}


def test_a_match_gives_ten_rows_and_ten_cards():
    body = faceit_statistics.match_stats(MATCH)

    cards = stats.record_match_stats.blocking(json.dumps(body))

    told = {
        player["player_id"]: (player["player_stats"], team["team_stats"]["Team Win"])
        for team in body["rounds"][0]["teams"]
        for player in team["players"]
    }
    assert [card.player_id for card in cards] == list(told)
    assert PlayerMatch.objects.count() == PlayerStatsCache.objects.count() == len(told) == 10
    for row in PlayerMatch.objects.all():
        figures, won = told[row.player_id]
        assert (row.kills, row.deaths, row.adr) == (
            int(figures["Kills"]),
            int(figures["Deaths"]),
            float(figures["ADR"]),
        )
        assert (row.match_id, row.match_round, row.won) == (MATCH.match_id, 1, won == "1")
        assert (row.map_name, row.rounds) == (
            body["rounds"][0]["round_stats"]["Map"],
            int(body["rounds"][0]["round_stats"]["Rounds"]),
        )
        doubles = [row.double_kills, row.triple_kills, row.quadro_kills, row.penta_kills]
        singles = row.kills - sum([n * (count or 0) for n, count in enumerate(doubles, 2)])
        assert row.rating == rating_1_0(row.kills, row.deaths, row.rounds, singles, *doubles)
        assert row.rating_version == "1.0"
    for card in cards:
        (row,) = PlayerMatch.objects.filter(player_id=card.player_id)
        assert (card.matches_played, card.winrate) == (1, 100.0 if row.won else 0.0)
        assert (card.hltv_rating, card.rating_version) == (round(row.rating, 2), "1.0")
        assert card.recent_form == ("W" if row.won else "L")
        assert card.map_performance[row.map_name]["matches"] == 1
    assert broken() == {}


def test_the_same_match_again_changes_nothing():
    record_match(MATCH)
    before = everything()

    record_match(MATCH)

    assert everything() == before
    assert PlayerStatsPoint.objects.count() == 10


def test_a_match_that_comes_again_makes_its_cards_live_again():
    record_match(MATCH, now=clock.now() - timedelta(days=1))
    team = [person.player_id for person in PEOPLE[:5]]
    assert stats.get_team_stats.blocking(team) == []

    record_match(MATCH)

    assert [card.player_id for card in stats.get_team_stats.blocking(team)] == team
    assert PlayerStatsPoint.objects.count() == 10


def test_a_match_does_not_make_an_expired_elo_live_again():
    stats.record_player.blocking(faceit_bodies.player(FIRST), now=clock.now() - timedelta(days=200))

    record_match(MATCH)

    card = stats.get_player_stats.blocking(FIRST.player_id)
    assert (card.faceit_elo, card.skill_level) == (None, None)
    assert card.hltv_rating is not None


def test_a_match_does_not_keep_an_elo_longer_than_it_is_good_for():
    now = clock.now()
    (profile,) = stats.record_player.blocking(faceit_bodies.player(FIRST), ttl_minutes=30, now=now)

    record_match(MATCH, ttl_minutes=60, now=now + timedelta(minutes=20))

    card = PlayerStatsCache.objects.get(player_id=FIRST.player_id)
    assert (card.faceit_elo, card.expires_at) == (FIRST.elo, profile.expires_at)
    other = PlayerStatsCache.objects.exclude(player_id=FIRST.player_id).first()
    assert other.expires_at == now + timedelta(minutes=80)


def named(body, nickname):
    """Give statistics of a match in which the first player had this nickname."""
    renamed = copy.deepcopy(body)
    for part in renamed["rounds"]:
        for player in [each for team in part["teams"] for each in team["players"]]:
            if player["player_id"] == FIRST.player_id:
                player["nickname"] = nickname
    return renamed


def test_an_old_match_does_not_rename_a_player():
    now = clock.now()
    stats.record_player.blocking(faceit_bodies.player(FIRST), now=now)
    body = named(faceit_statistics.match_stats(MATCH), "before")

    stats.record_match_stats.blocking(body, finished_at=now - timedelta(days=90))

    assert stats.get_player_stats.blocking(FIRST.player_id).nickname == FIRST.nickname
    assert stats.get_player_stats_by_nickname.blocking("before") is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["old first", "new first"])
def test_a_player_is_called_as_in_his_newest_match(order):
    now, (old, new) = clock.now(), MATCHES[:2]
    told = [(old, "before", now - timedelta(days=9)), (new, "after", now - timedelta(days=1))]

    for match, nickname, ended in [told[number] for number in order]:
        body = named(faceit_statistics.match_stats(match), nickname)
        stats.record_match_stats.blocking(body, finished_at=ended)

    assert stats.get_player_stats.blocking(FIRST.player_id).nickname == "after"


@pytest.mark.parametrize("matches", [MATCH, BEST_OF_THREE], ids=["one map", "three maps"])
def test_a_match_takes_a_bounded_number_of_statements(matches):
    record_match(MATCHES[1])

    with statements() as asked:
        record_match(matches)

    assert len([sql for sql in asked if "SAVEPOINT" not in sql]) == 5


def test_every_map_of_a_best_of_three_is_a_match_of_its_own():
    cards = record_match(BEST_OF_THREE)

    maps = len(faceit_statistics.match_stats(BEST_OF_THREE)["rounds"])
    assert maps > 1
    assert PlayerMatch.objects.count() == 10 * maps
    assert {card.matches_played for card in cards} == {maps}
    assert {card.match_history_stats["matches"] for card in cards} == {maps}


def test_a_match_of_csgo_is_rated_by_an_estimate_that_says_so():
    cards = record_match(CSGO)

    assert {(card.game, card.rating_version, card.avg_adr) for card in cards} == {
        ("csgo", "1.0-estimated", None)
    }
    assert set(PlayerMatch.objects.values_list("double_kills", "damage")) == {(None, None)}


def test_averages_are_over_the_last_twenty_in_the_order_of_time():
    body = faceit_statistics.match_stats(MATCH)
    now = clock.now()
    for number in range(25):
        again = copy.deepcopy(body)
        for part in again["rounds"]:
            part["match_id"] = f"1-{number}"
            for team in part["teams"]:
                for player in team["players"]:
                    # The five oldest, recorded last, were lost without a kill.
                    old = number >= 20
                    player["player_stats"] |= {"Result": "0" if old else "1", "Kills": "0" if old else "20"}
                    player["player_stats"] |= dict.fromkeys(
                        ("Double Kills", "Triple Kills", "Quadro Kills", "Penta Kills"), "0"
                    )
        stats.record_match_stats.blocking(again, now - timedelta(days=number))

    card = stats.get_player_stats.blocking(FIRST.player_id)

    assert (card.winrate, card.recent_form, card.matches_played) == (100.0, "W" * 10, 25)
    kills_and_deaths = PlayerMatch.objects.filter(player_id=FIRST.player_id).values_list("kills", "deaths")
    last = kills_and_deaths.order_by("-played_at")[:20]
    kills, deaths = (fsum(row[n] or 0 for row in last) for n in (0, 1))
    assert card.avg_kd == round(kills / deaths, 2)


def test_the_rows_of_one_player_do_not_replace_what_the_match_told():
    record_match(MATCH)
    rich = PlayerMatch.objects.get(player_id=FIRST.player_id)
    body = faceit_statistics.game_stats(FIRST, MATCHES)
    for item in body["items"]:
        item["stats"]["Kills"] = "1"

    (card,) = stats.record_game_stats.blocking(FIRST.player_id, body)

    now = PlayerMatch.objects.get(player_id=FIRST.player_id, match_id=MATCH.match_id)
    assert (now.kills, now.rating, now.entry_count) == (rich.kills, rich.rating, rich.entry_count)
    assert (rich.finished_at, now.finished_at is None) == (None, False)
    assert (
        PlayerMatch.objects.filter(player_id=FIRST.player_id).count() == len(MATCHES) == card.matches_played
    )
    assert PlayerMatch.objects.filter(kills=1).count() >= len(MATCHES) - 1


def test_the_match_completes_what_the_rows_of_one_player_told():
    stats.record_game_stats.blocking(FIRST.player_id, faceit_statistics.game_stats(FIRST, MATCHES))
    poor = PlayerMatch.objects.get(player_id=FIRST.player_id, match_id=MATCH.match_id)
    count = PlayerMatch.objects.count()

    stats.record_match_stats.blocking(faceit_statistics.match_stats(MATCH))

    rich = PlayerMatch.objects.get(pk=poor.pk)
    assert (poor.entry_count, rich.entry_count is None) == (None, False)
    assert (rich.kills, rich.finished_at) == (poor.kills, poor.finished_at)
    assert PlayerMatch.objects.count() == count + 9


def test_the_rows_of_one_player_again_change_nothing():
    body = faceit_statistics.game_stats(FIRST, MATCHES)
    stats.record_game_stats.blocking(FIRST.player_id, body)
    before = everything()

    stats.record_game_stats.blocking(FIRST.player_id, body)

    assert everything() == before
    assert broken() == {}


def test_a_profile_gives_level_elo_and_country_and_belongs_to_its_user():
    user = UserFactory.create(faceit_player_id=FIRST.player_id)
    body = faceit_bodies.player(FIRST)
    body["games"]["csgo"] = {**body["games"]["cs2"], "faceit_elo": 1111, "skill_level": 0}
    body["games"]["dota2"] = {**body["games"]["cs2"], "faceit_elo": 9999}

    cards = stats.record_player.blocking(body)

    assert [(card.game, card.faceit_elo, card.skill_level, card.country) for card in cards] == [
        ("cs2", FIRST.elo, FIRST.level, FIRST.country),
        ("csgo", 1111, None, FIRST.country),
    ]
    assert {card.user_id for card in cards} == {user.pk}
    assert {card.nickname for card in cards} == {FIRST.nickname}


def test_a_profile_and_matches_make_one_card_in_either_order():
    stats.record_player.blocking(faceit_bodies.player(FIRST))
    record_match(MATCH)
    first = stats.get_player_stats.blocking(FIRST.player_id)
    PlayerStatsCache.objects.all().delete()
    record_match(MATCH)
    stats.record_player.blocking(faceit_bodies.player(FIRST))
    second = stats.get_player_stats.blocking(FIRST.player_id)

    names = (
        "faceit_elo",
        "skill_level",
        "country",
        "avg_kd",
        "hltv_rating",
        "danger_level",
        "map_performance",
    )
    assert [getattr(first, name) for name in names] == [getattr(second, name) for name in names]
    assert first.danger_level is not None


def test_a_whole_life_is_on_the_card_and_outlasts_later_matches():
    body = faceit_statistics.lifetime_stats(FIRST, MATCHES)
    body["lifetime"]["Matches"] = "1,234"

    card = stats.record_lifetime_stats.blocking(FIRST.player_id, body)

    assert (card.nickname, card.matches_played) == (FIRST.player_id, 1234)
    assert card.rating_version == "1.0-estimated"
    assert {figures["source"] for figures in card.map_performance.values()} == {"lifetime"}
    assert card.clutch_stats["1v1_count"] == int(body["lifetime"]["Total 1v1 Count"])

    record_match(MATCH)

    later = stats.get_player_stats.blocking(FIRST.player_id)
    assert (later.nickname, later.matches_played) == (FIRST.nickname, 1234)
    names = ("winrate", "avg_kd", "avg_adr", "hltv_rating", "rating_version", "recent_form", "danger_level")
    assert [getattr(later, name) for name in names] == [getattr(card, name) for name in names]
    assert later.match_history_stats["averaged"] == 1234
    assert later.clutch_stats == card.clutch_stats
    assert later.map_performance.keys() == card.map_performance.keys()
    assert broken() == {}


def test_matches_that_speak_for_no_role_take_it_back():
    stats.cache_player_stats.blocking(FIRST.player_id, FIRST.nickname, {"player_role": "sniper"})

    record_match(MATCH)

    assert stats.get_player_stats.blocking(FIRST.player_id).player_role is None


def test_figures_of_matches_that_are_given_do_not_touch_the_whole_life():
    body = faceit_statistics.lifetime_stats(FIRST, MATCHES)
    before = stats.record_lifetime_stats.blocking(FIRST.player_id, body).lifetime

    told = {"match_history_stats": {"matches": 3, "lifetime": {"kills": 5}}}
    stats.cache_player_stats.blocking(FIRST.player_id, FIRST.nickname, told)
    record_match(MATCH)

    assert stats.get_player_stats.blocking(FIRST.player_id).lifetime == before != {}


def test_a_whole_life_again_changes_nothing():
    body = faceit_statistics.lifetime_stats(FIRST, MATCHES)
    record_match(MATCH)
    stats.record_lifetime_stats.blocking(FIRST.player_id, body)
    before = everything()

    stats.record_lifetime_stats.blocking(FIRST.player_id, body)

    assert everything() == before


def test_who_has_no_figures_costs_the_others_nothing():
    body = faceit_statistics.match_stats(MATCH)
    first, second, third, *_others = body["rounds"][0]["teams"][0]["players"]
    first["player_stats"] = {}
    del second["player_stats"]["Kills"], third["player_stats"]["Deaths"]

    cards = {card.player_id: card for card in stats.record_match_stats.blocking(body)}

    rows = {row.player_id: row for row in PlayerMatch.objects.all()}
    assert rows.keys() == cards.keys()
    assert len(rows) == 9
    assert first["player_id"] not in rows
    for player, unknown, known in ((second, "kills", "deaths"), (third, "deaths", "kills")):
        row = rows[player["player_id"]]
        assert getattr(row, unknown) is row.rating is row.rating_version is None
        assert getattr(row, known) == int(player["player_stats"][known.capitalize()])
        card = cards[player["player_id"]]
        assert card.avg_kd is card.hltv_rating is None
        assert card.avg_adr == pytest.approx(float(player["player_stats"]["ADR"]), abs=0.01)


def test_a_row_of_a_player_that_tells_nothing_is_none():
    body = faceit_statistics.game_stats(FIRST, MATCHES)
    kept = {"Match Id", "Player Id", "Map", "Rounds"}
    body["items"][1]["stats"] = {n: v for n, v in body["items"][1]["stats"].items() if n in kept}

    stats.record_game_stats.blocking(FIRST.player_id, body)

    assert PlayerMatch.objects.count() == len(MATCHES) - 1


@pytest.mark.parametrize("record", ["record_lifetime_stats", "record_game_stats"])
def test_a_body_about_somebody_else_is_refused(record):
    make = {"record_lifetime_stats": "lifetime_stats", "record_game_stats": "game_stats"}[record]
    body = getattr(faceit_statistics, make)(FIRST, MATCHES)

    with pytest.raises(InvalidInput, match="another player"):
        getattr(stats, record).blocking(PEOPLE[1].player_id, body)

    assert everything() == {name: [] for name in everything()}


def test_figures_that_cannot_be_are_refused_by_their_path_and_nothing_is_written():
    body = copy.deepcopy(faceit_statistics.match_stats(MATCH))
    body["rounds"][0]["teams"][1]["players"][3]["player_stats"]["ADR"] = "99999"

    with pytest.raises(InvalidInput) as refused:
        stats.record_match_stats.blocking(body)

    assert refused.value.context["field"] == "rounds[0].teams[1].players[3].player_stats"
    assert everything() == {name: [] for name in everything()}


@with_samples
def test_the_recorded_match_gives_ten_players_as_the_body_has_them():
    body = json.loads((Path(SAMPLES) / "faceit" / "match_stats.json").read_text())

    for _again in range(2):
        stats.record_match_stats.blocking(body)

    rows = {row.player_id: row for row in PlayerMatch.objects.all()}
    players = [player for team in body["rounds"][0]["teams"] for player in team["players"]]
    assert len(rows) == len(players) == PlayerStatsPoint.objects.count() == 10
    for player in players:
        row, told = rows[player["player_id"]], player["player_stats"]
        assert (row.kills, row.deaths, row.adr, row.map_name) == (
            int(told["Kills"]),
            int(told["Deaths"]),
            float(told["ADR"]),
            "de_inferno",
        )


@with_samples
def test_the_recorded_player_has_a_card_of_all_his_bodies():
    folder = Path(SAMPLES) / "faceit"
    profile, lifetime, games = (
        json.loads((folder / f"player{name}.json").read_text())
        for name in ("", "_lifetime_stats", "_game_stats")
    )
    key = profile["player_id"]

    stats.record_player.blocking(profile)
    stats.record_lifetime_stats.blocking(key, lifetime)
    (card,) = stats.record_game_stats.blocking(key, games)

    assert (card.nickname, card.faceit_elo, card.skill_level) == (profile["nickname"], 2014, 10)
    assert card.matches_played == int(lifetime["lifetime"]["Matches"])
    assert (card.clutch_stats["1v1_count"], card.clutch_stats["1v2_wins"]) == (556, 114)
    assert card.map_performance["de_inferno"] == {
        "matches": 188,
        "winrate": 44.0,
        "avg_rating": card.map_performance["de_inferno"]["avg_rating"],
        "avg_kd": round(2866 / 2961, 2),
        "avg_adr": 73.97,
        "rating_version": "1.0-estimated",
        "source": "lifetime",
    }
    assert 0.8 < card.hltv_rating < 1.3
    assert card.danger_level in range(1, 6)
