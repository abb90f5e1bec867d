"""Averages over matches, each over the matches that it is divided by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.ratings import (
    PlayedMatch,
    average_adr,
    average_rating,
    averages,
    kd_ratio,
    kill_death_ratio,
    last_matches,
    map_performance,
    newest_first,
    rating_1_0,
    win_rate,
)
from tests.stats.ratings.values import START, few, mixed, played_matches, seeds, strange_values


def test_averages_by_hand():
    matches = [
        PlayedMatch(won=True, rounds=20, kills=20, deaths=10, adr=90.0),
        PlayedMatch(won=False, rounds=30, kills=15, deaths=20, adr=60.0),
        PlayedMatch(won=True, rounds=25, kills=10, deaths=10, adr=None),
    ]

    shown = averages(matches)

    assert shown["matches"] == 3
    assert shown["winrate"] == 66.67
    assert shown["avg_kd"] == 1.12  # 45 / 40 = 1.125
    assert shown["avg_adr"] == 72.0  # (20 x 90 + 30 x 60) / 50
    assert shown["rating_version"] == "1.0-estimated"


def test_nothing_is_known_of_no_matches():
    assert averages([]) == {
        "matches": 0,
        "winrate": None,
        "avg_kd": None,
        "avg_adr": None,
        "avg_rating": None,
        "rating_version": None,
    }


def test_fifty_wins_of_fifty_are_a_hundred_percent():
    assert win_rate([PlayedMatch(won=True)] * 50) == 100.0


def test_a_match_without_a_result_is_neither_won_nor_lost():
    assert win_rate([PlayedMatch(won=True), PlayedMatch(), PlayedMatch(won=False)]) == 50.0
    assert win_rate([PlayedMatch()]) is None


def test_without_a_death_the_ratio_is_the_kills():
    assert kd_ratio(7, 0) == 7
    assert kd_ratio(0, 0) == 0


@pytest.mark.parametrize(("kills", "deaths"), [(None, 3), (3, None), (None, None)])
def test_a_ratio_needs_both(kills, deaths):
    assert kd_ratio(kills, deaths) is None


def test_a_match_that_lacks_deaths_adds_no_kills():
    matches = [PlayedMatch(kills=10, deaths=10), PlayedMatch(kills=30), PlayedMatch(deaths=30)]

    assert kill_death_ratio(matches) == 1.0


def test_a_match_that_lacks_rounds_or_adr_does_not_count():
    matches = [PlayedMatch(adr=80.0, rounds=20), PlayedMatch(adr=200.0), PlayedMatch(rounds=100)]

    assert average_adr(matches) == 80.0
    assert average_adr([PlayedMatch(adr=200.0)]) is None


def test_the_average_rating_is_that_of_the_sums():
    """A long match weighs more than a short one."""
    short = PlayedMatch(
        rounds=13, kills=20, deaths=3, double_kills=4, triple_kills=2, quadro_kills=0, penta_kills=0
    )
    long = PlayedMatch(
        rounds=40, kills=20, deaths=30, double_kills=3, triple_kills=0, quadro_kills=1, penta_kills=0
    )

    assert average_rating([short, long]) == (
        pytest.approx(rating_1_0(40, 33, 53, 6 + 10, 7, 2, 1, 0)),
        "1.0",
    )


def test_one_estimate_makes_the_average_an_estimate():
    exact = PlayedMatch(
        rounds=20, kills=14, deaths=14, double_kills=4, triple_kills=0, quadro_kills=0, penta_kills=0
    )
    estimated = PlayedMatch(rounds=20, kills=14, deaths=14)

    assert average_rating([exact, PlayedMatch(rounds=99)]).version == "1.0"
    assert average_rating([exact, estimated]).version == "1.0-estimated"


def test_the_newest_come_first_and_those_of_unknown_time_last():
    old, new = PlayedMatch(played_at=START), PlayedMatch(played_at=START.replace(day=2))
    second_map, unknown = PlayedMatch(played_at=START, round_number=2), PlayedMatch(map_name="de_nuke")

    assert newest_first([unknown, old, second_map, new]) == [new, second_map, old, unknown]
    assert newest_first([PlayedMatch(kills=1), PlayedMatch(kills=2)]) == [
        PlayedMatch(kills=1),
        PlayedMatch(kills=2),
    ]


def test_the_last_matches_are_twenty():
    matches = [PlayedMatch(played_at=START.replace(day=day), kills=day) for day in range(1, 26)]

    assert [match.kills for match in last_matches(matches)] == list(range(25, 5, -1))
    assert [match.kills for match in last_matches(matches, 2)] == [25, 24]


def test_each_map_has_the_averages_of_its_matches():
    matches = [
        PlayedMatch(map_name="de_nuke", won=True, kills=20, deaths=10),
        PlayedMatch(map_name="de_mirage", won=False, kills=10, deaths=20, adr=50.0, rounds=24),
        PlayedMatch(map_name="de_nuke", won=False, kills=10, deaths=10),
        PlayedMatch(map_name=None, won=True, kills=99, deaths=1),
    ]

    assert map_performance(matches) == {
        "de_mirage": {
            "matches": 1,
            "winrate": 0.0,
            "avg_rating": pytest.approx(0.45, abs=0.1),
            "rating_version": "1.0-estimated",
            "avg_kd": 0.5,
            "avg_adr": 50.0,
        },
        "de_nuke": {
            "matches": 2,
            "winrate": 50.0,
            "avg_rating": None,
            "rating_version": None,
            "avg_kd": 1.5,
            "avg_adr": None,
        },
    }
    assert list(map_performance(matches)) == ["de_mirage", "de_nuke"]


@few
@given(st.lists(played_matches(), max_size=8), seeds)
def test_the_order_of_matches_does_not_matter_for_averages(matches, seed):
    others = mixed(matches, seed)

    assert averages(others) == averages(matches)
    assert map_performance(others) == map_performance(matches)


@few
@given(st.lists(played_matches(), max_size=8))
def test_averages_lie_among_what_they_are_averages_of(matches):
    shown = averages(matches)
    adrs = [match.adr for match in matches if match.adr is not None and match.rounds]

    assert strange_values(shown) == []
    assert shown["winrate"] is None or 0 <= shown["winrate"] <= 100
    assert (shown["avg_adr"] is None) == (not adrs)
    assert not adrs or min(adrs) - 0.01 <= shown["avg_adr"] <= max(adrs) + 0.01
    assert sum(figures["matches"] for figures in map_performance(matches).values()) == sum(
        match.map_name is not None for match in matches
    )
