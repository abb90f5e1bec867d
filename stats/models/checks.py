"""Constraints of the same shape on many columns."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_

from django.db.models import CheckConstraint, Q

PERCENT = (0, 100)
LEVELS = (1, 10)
DANGERS = (1, 5)
KD = (0, 1_000)
ADR = (0, 1_000)  # damage of a round; five players have 500 to lose, and they may be healed
# Rating 1.0 is never negative; a fit of 2.0 may be, for whoever did nothing.
RATING = (-1, 10)
ELO = (0, 100_000)
MATCHES = (0, 1_000_000)


def known_ranges(table: str, ranges: Mapping[str, tuple[float, float]]) -> list[CheckConstraint]:
    """Give one constraint for each column: within its range, or NULL, which says that nobody knows."""
    return [
        CheckConstraint(condition=_known_range(column, bounds), name=f"{table}_{column}_range")
        for column, bounds in ranges.items()
    ]


def not_negative(columns: Iterable[str]) -> Q:
    """Give the condition that each column is 0 or more, or NULL, which says that nobody knows."""
    return reduce(and_, (Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gte": 0}) for column in columns))


def _known_range(column: str, bounds: tuple[float, float]) -> Q:
    return Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__range": bounds})
