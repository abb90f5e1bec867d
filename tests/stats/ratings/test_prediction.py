"""Who wins, by ELO, and how good that was."""

import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stats.ratings import Member, confidence, expected_score, predict, prediction_quality, team_elo
from tests.stats.ratings.values import (
    elos,
    half_known_members,
    known_members,
    mixed,
    quickly,
    seeds,
    strange_values,
)

FIGURES = st.floats(-1e9, 1e9)


def team(*elos, level=None):
    return [Member(str(number), f"p{number}", elo=elo, skill_level=level) for number, elo in enumerate(elos)]


def test_equal_teams_are_a_coin_flip():
    assert expected_score(1500, 1500) == 0.5


def test_four_hundred_points_are_ten_to_one():
    assert expected_score(1900, 1500) == pytest.approx(10 / 11)
    assert round(expected_score(1900, 1500), 3) == 0.909
    assert expected_score(1500, 1900) == pytest.approx(1 / 11)


@quickly
@given(FIGURES, FIGURES)
@example(1e9, -1e9)
def test_what_one_side_has_the_other_has_not_exactly(elo, other):
    assert expected_score(elo, other) == 1 - expected_score(other, elo)
    assert 0 <= expected_score(elo, other) <= 1


@quickly
@given(elos, elos, st.integers(1, 500))
def test_more_elo_is_a_better_chance(elo, other, more):
    assert expected_score(elo + more, other) > expected_score(elo, other)
    assert expected_score(elo, other + more) < expected_score(elo, other)


@pytest.mark.parametrize(
    ("probability", "word"),
    [(0.5, "even"), (0.549, "even"), (0.55, "slight"), (0.649, "slight"), (0.65, "clear"), (1.0, "clear")],
)
def test_the_word_for_a_probability(probability, word):
    assert confidence(probability) == word


def test_below_half_it_is_the_other_side_that_counts():
    assert (confidence(0.46), confidence(0.4), confidence(0.1)) == ("even", "slight", "clear")


def test_a_prediction_shows_its_inputs():
    prediction = predict(team(1600, 1700, 1800, 1500, 1400), team(1500, 1500, 1500, 1500, 1501))

    assert prediction == {
        "team1_probability": pytest.approx(0.6397, abs=1e-4),
        "team2_probability": pytest.approx(0.3603, abs=1e-4),
        "favourite": "team1",
        "confidence": "slight",
        "reason": None,
        "inputs": {
            "team1": {"average_elo": 1600, "known": 5, "estimated": 0, "unknown": 0},
            "team2": {"average_elo": 1500.2, "known": 5, "estimated": 0, "unknown": 0},
            "elo_difference": 99.8,
        },
    }


def test_nobody_is_the_favourite_of_an_even_match():
    prediction = predict(team(1510, 1510, 1510), team(1500, 1500, 1500))

    assert (prediction["favourite"], prediction["confidence"]) == (None, "even")
    assert prediction["team1_probability"] > 0.5


def test_a_player_without_elo_counts_with_the_middle_of_his_level():
    estimated = [*team(1500, 1500, 1500, 1500), Member("x", "x", skill_level=8)]

    assert team_elo(estimated) == {"average_elo": 1528.1, "known": 4, "estimated": 1, "unknown": 0}


def test_levels_of_another_game_tell_no_elo():
    old = [
        Member(str(number), "p", game="csgo", elo=elo, skill_level=8)
        for number, elo in enumerate([1500, None])
    ]

    assert team_elo(old) == {"average_elo": 1500, "known": 1, "estimated": 0, "unknown": 1}


def test_a_player_of_whom_nothing_is_known_does_not_count():
    assert team_elo([*team(1500, 1600, 1700), Member("x", "x")]) == {
        "average_elo": 1600,
        "known": 3,
        "estimated": 0,
        "unknown": 1,
    }


@pytest.mark.parametrize("side", ["team1", "team2"])
def test_two_known_players_of_a_side_are_too_few(side):
    few = team(1500, 1500, None, None, None, level=8)
    enough = team(1500, 1500, 1500, None, None, level=8)

    prediction = predict(few, enough) if side == "team1" else predict(enough, few)

    assert prediction["reason"] == "too_few_known_elos"
    assert dict(prediction["inputs"])[side] == {
        "average_elo": 1584.3,
        "known": 2,
        "estimated": 3,
        "unknown": 0,
    }
    assert prediction["team1_probability"] is prediction["team2_probability"] is None
    assert prediction["confidence"] is prediction["favourite"] is None
    assert predict(enough, enough)["team1_probability"] == 0.5


def test_an_empty_team_is_not_predicted():
    assert predict([], team(1500, 1500, 1500))["reason"] == "too_few_known_elos"


known = st.lists(known_members, min_size=3, max_size=5)


@quickly
@given(known, known)
def test_swapped_teams_have_swapped_chances(team1, team2):
    here, there = predict(team1, team2), predict(team2, team1)

    assert here["team1_probability"] == 1 - there["team1_probability"] == there["team2_probability"]
    assert here["confidence"] == there["confidence"]
    assert {here["favourite"], there["favourite"]} in ({None}, {"team1", "team2"})


@quickly
@given(known, known, seeds, st.integers(1, 500))
def test_the_order_of_players_does_not_matter_and_more_elo_does(team1, team2, seed, more):
    prediction = predict(team1, team2)
    better = [replace(team1[0], elo=team1[0].elo + more), *team1[1:]]

    assert predict(mixed(team1, seed), team2) == prediction
    assert predict(better, team2)["team1_probability"] > prediction["team1_probability"]


@quickly
@given(st.lists(half_known_members, max_size=5), st.lists(half_known_members, max_size=5))
def test_there_is_a_prediction_or_a_reason(team1, team2):
    prediction = predict(team1, team2)

    assert (prediction["team1_probability"] is None) == (prediction["reason"] is not None)
    assert strange_values(prediction) == []


def test_the_quality_of_predictions_by_hand():
    quality = prediction_quality([(0.8, True), (0.6, False)])

    assert quality == {
        "count": 2,
        "brier": pytest.approx((0.04 + 0.36) / 2),
        "log_loss": pytest.approx((-math.log(0.8) - math.log(0.4)) / 2),
    }


def test_a_coin_flip_scores_what_a_coin_flip_scores():
    quality = prediction_quality([(0.5, True), (0.5, False), (0.5, False)])

    assert (quality["brier"], quality["log_loss"]) == (0.25, pytest.approx(math.log(2)))


def test_no_predictions_have_no_quality():
    assert prediction_quality([]) == {"count": 0, "brier": None, "log_loss": None}


def test_a_certainty_that_failed_costs_much_but_not_infinitely_much():
    assert prediction_quality([(1.0, True), (0.0, False)])["log_loss"] == 0
    assert 30 < prediction_quality([(1.0, False)])["log_loss"] < 40


@quickly
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_quality_is_within_its_range_from_either_side(outcomes):
    quality = prediction_quality(outcomes)
    mirrored = prediction_quality((1 - probability, not won) for probability, won in outcomes)

    assert 0 <= quality["brier"] <= 1
    assert 0 <= quality["log_loss"] < 35
    assert mirrored["brier"] == pytest.approx(quality["brier"], abs=1e-9)
