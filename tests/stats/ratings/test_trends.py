"""Trends of figures over time."""

import random
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.ratings import slope_per_day, trends
from tests.stats.ratings.values import START, mixed, quickly, seeds, strange_values

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_trend_by_hand():
    points = [
        (START, {"faceit_elo": 1500}),
        (START + 2 * DAY, {"faceit_elo": 1550}),
        (START + 4 * DAY, {"faceit_elo": 1560}),
    ]

    assert trends(points) == {
        "faceit_elo": {
            "first_value": 1500,
            "latest_value": 1560,
            "change": 60,
            "change_percent": 4.0,
            "direction": "up",
            "slope_per_day": pytest.approx(15.0),
        }
    }


def test_thirty_points_of_thirty_days_equal_numpy():
    dice = random.Random(30)
    points = [
        (
            START + number * DAY + dice.uniform(0, 12) * HOUR,
            {
                "faceit_elo": 1500 + 8 * number + dice.randint(-40, 40),
                "avg_kd": 1.2 - 0.01 * number + dice.random() / 9,
            },
        )
        for number in range(30)
    ]
    days = np.array([(at - START) / DAY for at, _figures in points])

    found = trends(dice.sample(points, len(points)))

    assert (found["faceit_elo"]["direction"], found["avg_kd"]["direction"]) == ("up", "down")
    for name, trend in found.items():
        values = np.array([figures[name] for _at, figures in points])
        assert trend["slope_per_day"] == pytest.approx(np.polyfit(days, values, 1)[0], rel=1e-9)
        assert trend["change"] == values[-1] - values[0]
        assert trend["change_percent"] == round(float(100 * (values[-1] - values[0]) / values[0]), 2)


def test_fewer_than_two_points_have_no_trend():
    assert trends([]) == {}
    assert trends([(START, {"avg_kd": 1.0})]) == {}
    assert slope_per_day([]) is None


def test_a_figure_needs_two_points_of_its_own():
    points = [
        (START, {"avg_kd": 1.0, "avg_adr": None}),
        (START + DAY, {"avg_kd": 1.1, "avg_adr": 80.0}),
        (START + DAY, {}),
    ]

    assert list(trends(points)) == ["avg_kd"]


def test_points_of_one_moment_have_a_change_but_no_slope():
    trend = trends([(START, {"avg_kd": 1.0}), (START, {"avg_kd": 1.5})])["avg_kd"]

    assert (trend["change"], trend["slope_per_day"], trend["direction"]) == (0.5, None, "up")


def test_a_change_from_nothing_has_no_percentage():
    trend = trends([(START, {"winrate": 0}), (START + DAY, {"winrate": 50})])["winrate"]

    assert (trend["change"], trend["change_percent"], trend["direction"]) == (50, None, "up")


@pytest.mark.parametrize(
    ("latest", "direction"),
    [(2000, "stable"), (2020, "stable"), (2025, "up"), (1985, "stable"), (1975, "down")],
)
def test_less_than_a_hundredth_is_stable(latest, direction):
    found = trends([(START, {"faceit_elo": 2000}), (START + DAY, {"faceit_elo": latest})])

    assert found["faceit_elo"]["direction"] == direction


def test_the_direction_is_that_of_the_line_and_not_of_one_good_evening():
    values = [1500, 1480, 1460, 1440, 1420, 1400, 1505]
    points = [(START + number * DAY, {"faceit_elo": value}) for number, value in enumerate(values)]

    trend = trends(points)["faceit_elo"]

    assert (trend["change"], trend["direction"]) == (5, "down")


times = st.integers(0, 60 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
histories = st.lists(
    st.tuples(times, st.floats(-1e6, 1e6)), min_size=2, max_size=20, unique_by=lambda point: point[0]
)


def named(history):
    return [(at, {"it": value}) for at, value in history]


@quickly
@given(histories, seeds)
def test_the_order_of_points_does_not_matter(history, seed):
    assert trends(named(mixed(history, seed))) == trends(named(history))


@quickly
@given(histories)
def test_what_falls_rises_in_the_mirror(history):
    trend = trends(named(history))["it"]
    mirrored = trends(named([(at, -value) for at, value in history]))["it"]

    assert mirrored["slope_per_day"] == -trend["slope_per_day"]
    assert mirrored["change"] == -trend["change"]
    assert mirrored["direction"] == {"up": "down", "down": "up", "stable": "stable"}[trend["direction"]]


@quickly
@given(
    st.lists(st.tuples(st.sampled_from([START, START + DAY]), st.none() | st.floats(-1e6, 1e6)), max_size=6)
)
def test_no_points_make_a_strange_figure(history):
    assert strange_values(trends(named(history))) == []
