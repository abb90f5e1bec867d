"""How a player's figures moved over time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import fsum, inf, isfinite
from typing import TypedDict

from stats.ratings.arithmetic import rounded

FEWEST_POINTS = 2
UP, DOWN, STABLE = "up", "down", "stable"
# What moves by less than this share of its own mean size stands still: 20 of 2000 ELO, 0.01 of a rating.
# Source: a heuristic; one match moves an ELO by about 25.
STABLE_SHARE = 0.01

_DAY = timedelta(days=1)
Point = tuple[datetime, Mapping[str, float | None]]


class Trend(TypedDict):
    """The way of one figure; `slope_per_day` is None where all points are of one moment."""

    first_value: float
    latest_value: float
    change: float
    change_percent: float | None
    direction: str
    slope_per_day: float | None


def trends(points: Iterable[Point]) -> dict[str, Trend]:
    """Give the trend of each figure that at least two points (moment, figures) tell, in whatever order.

    Points that lack a figure do not count for it. Points of the same moment keep their order.
    Shape: {figure: see `Trend`}; empty with fewer than two points.
    """
    in_order = sorted(points, key=lambda point: point[0])
    names = sorted({name for _at, figures in in_order for name in figures})
    known = {name: _values(in_order, name) for name in names}
    return {name: trend(values) for name, values in known.items() if len(values) >= FEWEST_POINTS}


def trend(values: Sequence[tuple[datetime, float]]) -> Trend:
    """Give the trend of two or more (moment, value), oldest first.

    `change_percent` is of the first value's size, and None where that is 0 or next to it.
    Source: change = latest - first; direction by the fitted change, which is the slope over the whole time,
    against 1 % of the mean size of the values; by the plain change where there is no slope.
    """
    (first_at, first), (latest_at, latest) = values[0], values[-1]
    change = latest - first
    slope = slope_per_day(values)
    fitted = change if slope is None else slope * ((latest_at - first_at) / _DAY)
    return {
        "first_value": first,
        "latest_value": latest,
        "change": change,
        "change_percent": _percent_of(first, change),
        "direction": _direction(fitted, fsum(abs(value) for _at, value in values) / len(values)),
        "slope_per_day": slope,
    }


def slope_per_day(values: Sequence[tuple[datetime, float]]) -> float | None:
    """Give the slope of the line of least squares per day, or None where all is of one moment.

    Source: ordinary least squares, sum((t - mean t)(v - mean v)) / sum((t - mean t)²) with t in days.
    """
    start = values[0][0] if values else None
    days = [(at - start) / _DAY for at, _value in values] if start is not None else []
    if len(set(days)) < FEWEST_POINTS:
        return None
    mean_day = fsum(days) / len(days)
    mean_value = fsum(value for _at, value in values) / len(values)
    spread = fsum((day - mean_day) ** 2 for day in days)
    return (
        fsum((day - mean_day) * (value - mean_value) for day, (_at, value) in zip(days, values, strict=True))
        / spread
    )


def _values(points: Sequence[Point], name: str) -> list[tuple[datetime, float]]:
    told = [(at, figures.get(name)) for at, figures in points]
    return [(at, value) for at, value in told if value is not None]


def _percent_of(first: float, change: float) -> float | None:
    # Of a first value as small as 1e-310 the percentage is infinite, which JSON cannot say.
    share = 100 * change / abs(first) if first else inf
    return rounded(share) if isfinite(share) else None


def _direction(change: float, size: float) -> str:
    if abs(change) <= STABLE_SHARE * size:
        return STABLE
    return UP if change > 0 else DOWN
