"""Danger levels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.ratings import danger_level
from tests.stats.ratings.values import quickly

ratings, winrates, kds = st.floats(0, 3), st.floats(0, 100), st.floats(0, 5)
forms = st.text("WL", max_size=10)


@pytest.mark.parametrize(
    ("rating", "winrate", "kd", "form", "level"),
    [
        (0, 0, 0, "", 1),
        (1.0, 50, 1.0, "WWWLL", 2),
        (1.1, 60, 1.1, "WWWWL", 4),
        (1.29, 69, 1.29, "WWWWW", 4),
        (1.3, 60, 1.1, "WWWLL", 4),
        (1.3, 60, 1.3, "WWWLL", 5),
        (1.3, 70, 1.3, "LLLLL", 5),
        (0.99, 49.99, 1.09, "WWWWW", 1),
        (1.0, 50, 1.09, "LLLLL", 2),
        (1.3, 0, 0, "", 3),
        (9, 100, 9, "WWWWW", 5),
    ],
)
def test_golden_danger_levels(rating, winrate, kd, form, level):
    assert danger_level(rating, winrate, kd, form) == level


def test_only_the_last_five_results_count():
    assert danger_level(1.1, 50, 1.0, "LLLLLWWWWW") == danger_level(1.1, 50, 1.0, "LLLLL") == 2
    assert danger_level(1.1, 50, 1.0, "WWWWLLLLLL") == danger_level(1.1, 50, 1.0, "WWWWL") == 3


@pytest.mark.parametrize("absent", range(4))
def test_there_is_no_level_without_every_figure(absent):
    figures = [1.3, 70, 1.3, "WWWWW"]
    figures[absent] = None

    assert danger_level(*figures) is None


@quickly
@given(ratings, winrates, kds, forms, st.floats(0, 2), st.floats(0, 50), st.floats(0, 2))
def test_nobody_is_less_dangerous_for_better_figures(rating, winrate, kd, form, more, more_wins, more_kd):
    level = danger_level(rating, winrate, kd, form)

    assert 1 <= level <= 5
    assert danger_level(rating + more, winrate + more_wins, kd + more_kd, form) >= level
    assert danger_level(rating, winrate, kd, form.replace("L", "W")) >= level
