"""Arithmetic in which what is absent stays absent.

`None` means that a figure is not known. A formula with a `None` in it gives `None`, never 0: an unknown
ADR is not an ADR of nothing. Shares are percentages from 0 to 100 with two decimals.
"""

from collections.abc import Iterable
from math import fsum

PRECISION = 2


def present(*values: float | None) -> tuple[float, ...] | None:
    """Give the values as floats, or None if one of them is absent."""
    given = tuple(float(value) for value in values if value is not None)
    return given if len(given) == len(values) else None


def ratio(part: float | None, whole: float | None) -> float | None:
    """Give part / whole, or None if one is absent or there is nothing to divide by."""
    given = present(part, whole)
    if given is None or given[1] == 0:
        return None
    return given[0] / given[1]


def percent(part: float | None, whole: float | None) -> float | None:
    """Give what percentage of `whole` a part is, rounded, or None as `ratio` does.

    More than the whole cannot be: None, for one of the two counts is wrong.
    """
    share = ratio(part, whole)
    return None if share is None or share > 1 else round(100 * share, PRECISION)


def rounded(value: float | None) -> float | None:
    """Give a figure as it is shown, with two decimals."""
    return None if value is None else round(float(value), PRECISION)


def mean(values: Iterable[float | None]) -> float | None:
    """Give the mean of the values that are known, or None if none is."""
    return weighted_mean((value, 1) for value in values)


def weighted_mean(pairs: Iterable[tuple[float | None, float | None]]) -> float | None:
    """Give the mean of (value, weight), over the pairs in which both are known, or None.

    Values and weights are of the same pairs: a value without a weight does not count, and neither does its
    weight when the value is missing.
    """
    known = [
        (float(value), float(weight)) for value, weight in pairs if value is not None and weight is not None
    ]
    total = fsum(weight for _value, weight in known)
    return fsum(value * weight for value, weight in known) / total if total > 0 else None


def sums(pairs: Iterable[tuple[int | None, int | None]]) -> tuple[int | None, int | None]:
    """Give both sums over the pairs in which both counts are known, or None for both if there is none."""
    known = [(first, second) for first, second in pairs if first is not None and second is not None]
    if not known:
        return None, None
    return sum(first for first, _second in known), sum(second for _first, second in known)
