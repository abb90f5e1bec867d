"""Rating 1.0 and 2.0: by hand, and what holds for any figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.ratings import rate, rating_1_0, rating_1_0_estimated, rating_2_0, single_kills
from tests.stats.ratings.values import counts, quickly

# kills, deaths, rounds, k1 to k5, and the rating worked out by hand with the published averages.
BY_HAND = [
    ((0, 0, 1, 0, 0, 0, 0, 0), 0.7 / 0.317 / 2.7),
    ((0, 1, 1, 0, 0, 0, 0, 0), 0.0),
    ((14, 14, 20, 6, 4, 0, 0, 0), (0.7 / 0.679 + 0.7 * 0.3 / 0.317 + 1.1 / 1.277) / 2.7),
    ((19, 13, 23, 7, 3, 2, 0, 0), 1.272762),
    ((18, 15, 24, 5, 5, 1, 0, 0), 1.126671),
    ((25, 10, 20, 4, 3, 2, 1, 1), 2.178375),
    ((679, 683, 1000, 679, 0, 0, 0, 0), (1 + 0.7 + 0.679 / 1.277) / 2.7),
]


@pytest.mark.parametrize(("figures", "rating"), BY_HAND)
def test_rating_1_0_by_hand(figures, rating):
    assert rating_1_0(*figures) == pytest.approx(rating, abs=1e-6)


def test_whoever_does_as_the_average_is_rated_1():
    """Figures that are the published averages: 679 kills and 317 rounds survived of 1 000, 1 277 points."""
    points = 1277
    triples = (points - 679) / 6  # each triple instead of three singles adds 9 - 3

    assert rating_1_0(679, 683, 1000, 679 - 3 * triples, 0, triples, 0, 0) == pytest.approx(1)


def test_rating_2_0_by_hand():
    """20 kills, 15 deaths and 5 assists in 25 rounds: impact 2.13 x 0.8 + 0.42 x 0.2 - 0.41 = 1.378."""
    assert rating_2_0(20, 15, 5, 25, 85.0, 72.0) == pytest.approx(
        0.5256 + 0.28728 - 0.31974 + 0.3268616 + 0.272 + 0.1587
    )


def test_single_kills_are_what_the_multi_kills_leave():
    assert single_kills(19, 3, 2, 0, 0) == 7
    assert single_kills(25, 3, 2, 1, 1) == 4


def test_single_kills_are_never_below_none_where_the_sums_do_not_add_up():
    assert single_kills(5, 3, 0, 0, 0) == 0


def without(absent, figures):
    return [None if place == absent else figure for place, figure in enumerate(figures)]


@pytest.mark.parametrize("absent", range(8))
def test_rating_1_0_needs_every_figure(absent):
    figures = without(absent, [19, 13, 23, 7, 3, 2, 0, 0])

    assert rating_1_0(*figures) is None


@pytest.mark.parametrize("absent", range(6))
def test_rating_2_0_needs_every_figure(absent):
    figures = without(absent, [20, 15, 5, 25, 85.0, 72.0])

    assert rating_2_0(*figures) is None


@pytest.mark.parametrize("absent", range(5))
def test_single_kills_need_every_figure(absent):
    figures = without(absent, [19, 3, 2, 0, 0])

    assert single_kills(*figures) is None


def test_without_rounds_there_is_no_rating():
    assert rating_1_0(0, 0, 0, 0, 0, 0, 0, 0) is None
    assert rating_1_0_estimated(0, 0, 0) is None
    assert rating_2_0(0, 0, 0, 0, 0, 0) is None


def test_the_best_rating_that_the_figures_allow_names_its_version():
    exact = rate(19, 13, 23, 3, 2, 0, 0)
    without_doubles = rate(19, 13, 23, None, 2, 0, 0)
    without_multi_kills = rate(19, 13, 23)

    assert exact == (pytest.approx(1.272762, abs=1e-6), "1.0")
    assert without_doubles == (rating_1_0_estimated(19, 13, 23, 2, 0, 0), "1.0-estimated")
    assert without_multi_kills == (rating_1_0_estimated(19, 13, 23), "1.0-estimated")
    assert rate(19, None, 23, 3, 2, 0, 0) == (None, None)


def test_kast_makes_it_a_rating_2_0():
    rated = rate(20, 15, 25, 3, 2, 0, 0, assists=5, adr=85.0, kast_percent=72.0)

    assert rated == (rating_2_0(20, 15, 5, 25, 85.0, 72.0), "2.0")


def test_kast_without_adr_leaves_it_at_1_0():
    assert rate(19, 13, 23, 3, 2, 0, 0, kast_percent=72.0).version == "1.0"


def test_the_estimate_by_hand():
    """14 kills in 20 rounds: Poisson points 0.7 + 0.49 per round."""
    assert rating_1_0_estimated(14, 14, 20) == pytest.approx(
        (0.7 / 0.679 + 0.7 * 0.3 / 0.317 + 1.19 / 1.277) / 2.7
    )


def test_the_estimate_beside_known_triples_by_hand():
    """One kill a round: t + t² = 1 + t + t²/2 gives t = √2, and 1 / (2 + √2) of the rounds have two kills."""
    doubles = 20 / (2 + 2**0.5)
    points = (20 - 2 * doubles) + 4 * doubles + 9

    assert rating_1_0_estimated(23, 14, 21, 1, 0, 0) == pytest.approx(
        (23 / 21 / 0.679 + 0.7 * 7 / 21 / 0.317 + points / 21 / 1.277) / 2.7
    )


def test_the_estimate_knows_that_five_kills_are_the_most():
    assert rating_1_0_estimated(5, 0, 1) == pytest.approx(rating_1_0(5, 0, 1, 0, 0, 0, 0, 1))


def test_the_estimate_is_exact_where_only_one_answer_is_possible():
    """All other rounds had two kills, or none had any: nothing is left to guess, and nothing divides by 0."""
    assert rating_1_0_estimated(46, 10, 23, 0, 0, 0) == pytest.approx(rating_1_0(46, 10, 23, 0, 23, 0, 0, 0))
    assert rating_1_0_estimated(6, 10, 23, 2, 0, 0) == pytest.approx(rating_1_0(6, 10, 23, 0, 0, 2, 0, 0))
    assert rating_1_0_estimated(6, 1, 2, 2, 0, 0) == pytest.approx(rating_1_0(6, 1, 2, 0, 0, 2, 0, 0))


@st.composite
def kill_rounds(draw):
    """Draw (rounds, k1 to k5) of a match that is possible."""
    kinds = [draw(st.integers(0, most)) for most in (15, 8, 4, 2, 1)]
    return sum(kinds) + draw(st.integers(1, 20)), kinds


def kills_of(kinds):
    return sum(n * count for n, count in enumerate(kinds, 1))


@quickly
@given(kill_rounds(), counts)
def test_each_death_lowers_the_rating_and_each_kill_raises_it(match, deaths):
    rounds, (k1, *more) = match
    kills = kills_of([k1, *more])
    rating = rating_1_0(kills, deaths, rounds, k1, *more)

    assert rating_1_0(kills, deaths + 1, rounds, k1, *more) < rating
    assert rating_1_0(kills + 1, deaths, rounds, k1 + 1, *more) > rating


@quickly
@given(kill_rounds(), counts)
def test_what_is_derived_is_what_was_counted(match, deaths):
    rounds, kinds = match
    kills = kills_of(kinds)

    assert rate(kills, deaths, rounds, *kinds[1:]) == (rating_1_0(kills, deaths, rounds, *kinds), "1.0")


@quickly
@given(kill_rounds(), counts)
def test_the_estimate_stays_within_what_is_possible(match, deaths):
    """At the least no round has two kills, at the most each kill came in a round of five."""
    rounds, kinds = match
    kills = kills_of(kinds)
    lowest = rating_1_0(kills, deaths, rounds, kills, 0, 0, 0, 0)
    highest = rating_1_0(kills, deaths, rounds, 0, 0, 0, 0, kills / 5)
    others = kills - kills_of([0, 0, *kinds[2:]])

    assert lowest - 1e-9 <= rating_1_0_estimated(kills, deaths, rounds) <= highest + 1e-9
    assert (
        rating_1_0(kills, deaths, rounds, others, 0, *kinds[2:]) - 1e-9
        <= rating_1_0_estimated(kills, deaths, rounds, *kinds[2:])
        <= rating_1_0(kills, deaths, rounds, 0, others / 2, *kinds[2:]) + 1e-9
    )


@quickly
@given(st.lists(counts, min_size=8, max_size=8))
def test_figures_that_contradict_each_other_still_give_a_number(figures):
    rated = rate(*figures[:7])

    assert (rated.rating is None) == (figures[2] == 0)
    assert (rating_1_0_estimated(*figures[:6]) is None) == (figures[2] == 0)
