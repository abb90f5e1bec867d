"""Arithmetic of stretches of time: each has a start, which it includes, and an end, which it does not."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import BooleanField, F, Func, Q, Value

Stretch = tuple[datetime, datetime]
FEW = 8  # conditions that the database may plan one by one


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
    left: list[Stretch] = []
    out, first = joined(gone), 0
    for start, end in joined(stretches):
        while first < len(out) and out[first][1] <= start:
            first += 1
        begin, each = start, first
        while each < len(out) and out[each][0] < end:
            if begin < out[each][0]:
                left.append((begin, out[each][0]))
            begin = out[each][1]
            each += 1
        if begin < end:
            left.append((begin, end))
    return left


def within(column: str, stretches: Iterable[Stretch]) -> Q:
    """Give the condition that a column's moment lies in one of some stretches, of which there are any.

    Many of them are one condition: the database looks a moment up in them, and reads from the first to the
    last.
    """
    parts = joined(stretches)
    if len(parts) <= FEW:
        each = (Q(**{f"{column}__gte": start, f"{column}__lt": end}) for start, end in parts)
        return Q(*each, _connector=Q.OR)
    everything = Q(**{f"{column}__gte": parts[0][0], f"{column}__lt": parts[-1][1]})
    return everything & Q(_InOneOf(column, parts))


class _InOneOf(Func):
    arg_joiner = "::tstzmultirange @> "
    template = "(%(expressions)s)"
    output_field = BooleanField()

    def __init__(self, column: str, stretches: Iterable[Stretch]) -> None:
        ranges = ",".join(f"[{start.isoformat()},{end.isoformat()})" for start, end in stretches)
        super().__init__(Value(f"{{{ranges}}}"), F(column))
