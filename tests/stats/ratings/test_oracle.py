"""The ratings against those that were published for 1 345 recorded player-matches."""

from statistics import mean, quantiles

import pytest

from stats.ratings import rate, rating_1_0, rating_1_0_estimated, rating_2_0, single_kills
from tests.stats.ratings.oracle import recorded_matches


@pytest.fixture(scope="module")
def recorded():
    matches = recorded_matches()
    assert len(matches) == 1345
    return matches


def errors_with_derived_singles(matches):
    return [
        abs(
            rating_1_0(m.kills, m.deaths, m.rounds, single_kills(m.kills, *m.multi[1:]), *m.multi[1:])
            - m.rating_1_0
        )
        for m in matches
    ]


def test_rating_1_0_is_exact_with_the_recorded_single_kills(recorded):
    errors = [abs(rating_1_0(m.kills, m.deaths, m.rounds, *m.multi) - m.rating_1_0) for m in recorded]

    assert max(errors) < 1e-5


def test_rating_1_0_is_exact_with_derived_single_kills_where_the_kills_add_up(recorded):
    adding_up = [m for m in recorded if m.adds_up]

    assert len(adding_up) == 1317
    assert max(errors_with_derived_singles(adding_up)) < 1e-5


def test_rating_1_0_is_close_where_the_kills_do_not_add_up(recorded):
    others = [m for m in recorded if not m.adds_up]

    assert len(others) == 28
    assert 1e-5 < max(errors_with_derived_singles(others)) <= 0.025


def test_rating_2_0_is_within_a_hundredth_on_99_of_100(recorded):
    errors = [
        abs(rating_2_0(m.kills, m.deaths, m.assists, m.rounds, m.adr, m.kast_percent) - m.rating_2_0)
        for m in recorded
    ]

    assert sum(error <= 0.01 for error in errors) >= 0.99 * len(errors)


def test_the_estimate_is_as_close_as_it_says(recorded):
    whole = [m for m in recorded if m.rounds >= 10]
    with_triples = [
        abs(rating_1_0_estimated(m.kills, m.deaths, m.rounds, *m.multi[2:]) - m.rating_1_0) for m in whole
    ]
    with_kills_alone = [abs(rating_1_0_estimated(m.kills, m.deaths, m.rounds) - m.rating_1_0) for m in whole]

    assert len(whole) == 1240
    assert mean(with_triples) < 0.022
    assert quantiles(with_triples, n=20)[-1] < 0.055
    assert max(with_triples) < 0.12
    assert mean(with_kills_alone) < 0.051
    assert quantiles(with_kills_alone, n=20)[-1] < 0.145
    assert max(with_kills_alone) < 0.32


def test_an_average_player_is_rated_about_1(recorded):
    """A rating from the wrong number of rounds would put him at a third of it."""
    rated = [rate(m.kills, m.deaths, m.rounds, *m.multi[1:]) for m in recorded if m.rounds >= 10]

    assert {each.version for each in rated} == {"1.0"}
    assert 0.9 < mean(each.rating for each in rated) < 1.1
