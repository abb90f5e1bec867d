"""CS2 levels and their ELO."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.ratings import elo_or_estimate, elo_range, level_for_elo, middle_of_level
from tests.stats.ratings.values import elos, quickly


@pytest.mark.parametrize(
    ("level", "lowest", "highest"),
    [
        (1, 100, 500),
        (2, 501, 750),
        (3, 751, 900),
        (4, 901, 1050),
        (5, 1051, 1200),
        (6, 1201, 1350),
        (7, 1351, 1530),
        (8, 1531, 1750),
        (9, 1751, 2000),
        (10, 2001, 2500),
    ],
)
def test_the_levels_of_cs2(level, lowest, highest):
    assert elo_range(level) == (lowest, highest)
    assert level_for_elo(lowest) == level_for_elo(highest) == level


def test_outside_of_the_table():
    assert level_for_elo(4000) == 10
    assert level_for_elo(1) == 1
    assert level_for_elo(None) is None


@pytest.mark.parametrize("level", [0, 11, -1])
def test_there_are_ten_levels(level):
    with pytest.raises(ValueError, match="from 1 to 10"):
        elo_range(level)


def test_a_known_elo_is_not_an_estimate():
    assert elo_or_estimate(1234, 8) == (1234, False)
    assert elo_or_estimate(1234, None) == (1234, False)


def test_without_it_the_middle_of_the_level_stands_in_and_says_so():
    assert elo_or_estimate(None, 1) == (300, True)
    assert elo_or_estimate(None, 8) == (1640.5, True)


@pytest.mark.parametrize("level", [None, 0, 11])
def test_without_a_level_there_is_nothing_to_estimate_from(level):
    assert elo_or_estimate(None, level) == (None, False)


@quickly
@given(elos, st.integers(0, 500))
def test_more_elo_is_never_a_lower_level(elo, more):
    assert 1 <= level_for_elo(elo) <= level_for_elo(elo + more) <= 10


@quickly
@given(st.integers(1, 10))
def test_the_middle_of_a_level_is_in_it(level):
    assert level_for_elo(middle_of_level(level)) == level
