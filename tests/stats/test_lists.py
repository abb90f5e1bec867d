"""Lists of players, players on a map, two teams side by side."""

import json
from datetime import timedelta

import pytest

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from stats.repositories import StatsRepository
from tests.factories import CardFactory

pytestmark = pytest.mark.django_db

stats = StatsRepository()


@pytest.fixture
def over():
    """A moment at which a card has expired."""
    return clock.now() - timedelta(seconds=1)


def names(rows):
    return [row.nickname for row in rows]


def test_the_best_ratings_come_first(over):
    for name, rating, matches in (
        ("a", 1.1, 10),
        ("b", 1.3, 30),
        ("c", None, 30),
        ("few", 1.9, 9),
        ("n", 2.0, None),
    ):
        CardFactory.create(nickname=name, hltv_rating=rating, matches_played=matches)
    CardFactory.create(nickname="expired", hltv_rating=3.0, expires_at=over)
    CardFactory.create(nickname="other game", hltv_rating=3.0, game="csgo")

    assert names(stats.get_top_players_by_rating.blocking()) == ["b", "a"]
    assert names(stats.get_top_players_by_rating.blocking(limit=1, min_matches=0)) == ["n"]
    assert names(stats.get_top_players_by_rating.blocking("csgo")) == ["other game"]


def test_a_rating_of_few_matches_is_not_among_the_best_however_many_are_known():
    for name, averaged in (("nine", 9), ("twenty", 20), ("life", 2423), ("unsaid", None)):
        said = {} if averaged is None else {"averaged": averaged}
        CardFactory.create(
            nickname=name, matches_played=2423, match_history_stats=said, hltv_rating=len(name)
        )
    CardFactory.create(nickname="nobody knows", match_history_stats={"averaged": None}, hltv_rating=9)

    for least, known in ((10, {"twenty", "unsaid", "life"}), (9, {"nine", "twenty", "unsaid", "life"})):
        assert {*names(stats.get_top_players_by_rating.blocking(min_matches=least))} == known
    assert len(stats.get_top_players_by_rating.blocking(min_matches=100)) == 3


def test_the_dangerous_are_found_by_their_level(over):
    CardFactory.create(nickname="a", danger_level=5, hltv_rating=1.3)
    CardFactory.create(nickname="b", danger_level=5, hltv_rating=1.5)
    CardFactory.create(nickname="c", danger_level=4)
    CardFactory.create(nickname="expired", danger_level=5, expires_at=over)

    assert names(stats.get_players_by_danger_level.blocking(5)) == ["b", "a"]
    assert names(stats.get_players_by_danger_level.blocking(5, limit=1)) == ["b"]
    with pytest.raises(InvalidInput, match="danger_level must be from 1 to 5"):
        stats.get_players_by_danger_level.blocking(6)


def test_players_are_found_within_a_range_of_levels(over):
    for name, level, elo in (("a", 4, 900), ("b", 5, 1100), ("c", 6, 1250), ("d", 7, 1400), ("e", 5, None)):
        CardFactory.create(nickname=name, skill_level=level, faceit_elo=elo)
    CardFactory.create(nickname="expired", skill_level=5, expires_at=over)

    assert names(stats.search_players_by_skill_range.blocking(5, 6)) == ["c", "b", "e"]
    with pytest.raises(InvalidInput, match="min_skill_level is above"):
        stats.search_players_by_skill_range.blocking(6, 5)


def on_map(player, matches, winrate=None, rating=None, kd=None, **options):
    figures = {"matches": matches, "winrate": winrate, "avg_rating": rating, "avg_kd": kd, "avg_adr": 80.0}
    figures["rating_version"] = "1.0-estimated"
    maps = {"Mirage": figures, "de_nuke": {"matches": 50, "winrate": 1.0}}
    return stats.cache_player_stats.blocking(player, f"nick {player}", {"map_performance": maps}, **options)


def test_a_map_is_described_by_means_that_are_weighted_by_matches():
    on_map("a", 10, 60.0, 1.2, 1.4)
    on_map("b", 30, 40.0, 1.0, 1.0)
    on_map("c", 5, 50.0, None, 2.0)
    on_map("few", 4, 100.0, 3.0, 9.0)
    on_map("expired", 10, 100.0, 3.0, 9.0, now=clock.now() - timedelta(hours=1))
    on_map("other", 10, 100.0, 3.0, 9.0, game="csgo")

    found = stats.get_map_performance_stats.blocking("mirage")

    assert (found["map_name"], found["total_players"]) == ("de_mirage", 3)
    assert found["aggregated"] == {
        "average_winrate": round((10 * 60 + 30 * 40 + 5 * 50) / 45, 2),
        "average_rating": round((10 * 1.2 + 30 * 1.0) / 40, 2),
        "average_kd": round((10 * 1.4 + 30 * 1.0 + 5 * 2.0) / 45, 2),
    }
    assert [each["player_id"] for each in found["stats"]] == ["a", "b", "c"]
    assert found["top_performers"] == found["stats"]
    assert found["stats"][0] == {
        "player_id": "a",
        "nickname": "nick a",
        "matches": 10,
        "winrate": 60.0,
        "avg_rating": 1.2,
        "rating_version": "1.0-estimated",
        "avg_kd": 1.4,
        "avg_adr": 80.0,
    }
    assert json.loads(json.dumps(found)) == found


def test_a_map_of_which_nobody_is_known_has_the_same_keys():
    on_map("a", 10, 60.0, 1.2, 1.4)
    full = stats.get_map_performance_stats.blocking("de_mirage")

    empty = stats.get_map_performance_stats.blocking("de_train")

    assert empty == {
        "map_name": "de_train",
        "total_players": 0,
        "aggregated": {"average_winrate": 0.0, "average_rating": 0.0, "average_kd": 0.0},
        "top_performers": [],
        "stats": [],
    }
    assert (full.keys(), full["aggregated"].keys()) == (empty.keys(), empty["aggregated"].keys())


def test_at_most_ten_and_fifty_players_of_a_map_are_shown():
    stats.cache_multiple_players.blocking(
        {
            "player_id": f"p{number}",
            "nickname": "Nick",
            "map_performance": {"de_mirage": {"matches": 9, "avg_rating": 1 + number / 100}},
        }
        for number in range(60)
    )

    found = stats.get_map_performance_stats.blocking("de_mirage")

    assert found["total_players"] == 60
    assert [each["player_id"] for each in found["stats"]] == [f"p{number}" for number in range(59, 9, -1)]
    assert found["top_performers"] == found["stats"][:10]


def test_two_teams_are_compared_by_those_who_are_known(over):
    for number in range(5):
        CardFactory.create(player_id=f"strong{number}", faceit_elo=2000 + number, avg_kd=1.2, winrate=55.0)
        CardFactory.create(player_id=f"weak{number}", faceit_elo=1600 + number, avg_kd=0.9, winrate=45.0)
    CardFactory.create(player_id="expired", faceit_elo=9000, expires_at=over)
    strong, weak = ([f"{name}{number}" for number in range(5)] for name in ("strong", "weak"))

    found = stats.compare_teams.blocking([*strong, "expired", "unknown"], weak)
    mirrored = stats.compare_teams.blocking(weak, strong)

    assert (found["team1"]["averages"]["players"], found["team2"]["averages"]["players"]) == (5, 5)
    assert found["team1"]["averages"]["kd"] == 1.2
    assert found["prediction"]["team1_probability"] == pytest.approx(0.909, abs=0.0005)
    assert mirrored["prediction"]["team1_probability"] == pytest.approx(
        1 - found["prediction"]["team1_probability"]
    )
    assert json.loads(json.dumps(found)) == found


def test_without_anybody_there_is_no_prediction_and_no_error():
    found = stats.compare_teams.blocking([], ["unknown"])

    assert found["prediction"]["team1_probability"] is None
    assert found["prediction"]["reason"] == "too_few_known_elos"
