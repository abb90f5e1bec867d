"""Arithmetic of stretches of time: each has a start, which it includes, and an end, which it does not."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

Stretch = tuple[datetime, datetime]


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Give the same time in as few stretches as there can be, oldest first."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif start < end:
            found.append((start, end))
    return found


def without(stretches: Iterable[Stretch], gone: Iterable[Stretch]) -> list[Stretch]:
    """Give what is left of some stretches when others are taken out."""
    left = joined(stretches)
    for start, end in joined(gone):
        left = [
            part
            for first, last in left
            for part in ((first, min(last, start)), (max(first, end), last))
            if part[0] < part[1]
        ]
    return left


def within(column: str, stretches: Iterable[Stretch]) -> Q:
    """Give the condition that a column's moment lies in one of some stretches."""
    return reduce(
        or_, (Q(**{f"{column}__gte": start, f"{column}__lt": end}) for start, end in joined(stretches))
    )
