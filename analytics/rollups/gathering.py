"""Puts sums and raw rows of a range together: one query for each of the two."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, F, Max, Q, QuerySet, Sum, When

from analytics.models import RollUp, Span
from analytics.rollups.calendar import Calendar
from analytics.rollups.counts import Adding, Declared
from analytics.rollups.covering import Cover
from analytics.rollups.stretches import within


def by_part(count: Declared, cover: Cover, calendar: Calendar) -> dict[str, int]:
    """Give the value of each part of a count that is not 0."""
    found: dict[str, int] = {}
    for rows, value in _both(count, cover, calendar):
        _add(count, found, rows.values_list("part").annotate(value=value))
    return {part: found[part] for part in sorted(found)}


def by_bucket(count: Declared, cover: Cover, calendar: Calendar, span: Span) -> dict[datetime, int]:
    """Give the value of each hour, day, week or month in which it is not 0, by its first moment."""
    found: dict[datetime, int] = {}
    for rows, value in _both(count, cover, calendar, bucket=span):
        groups = rows.values_list("bucket").annotate(value=value)
        _add(count, found, ((calendar.begin_of(bucket), number) for bucket, number in groups))
    return found


def _both(
    count: Declared, cover: Cover, calendar: Calendar, *, bucket: Span | None = None
) -> Iterator[tuple[QuerySet[Any], Any]]:
    """Give the sums and the raw rows, as far as there are any, with what they are grouped by.

    Of an hour that is read raw the sums have what is gone.
    """
    days, hours, late = (
        Q(span=span, zone=calendar.zone_of(span)) & within("start", stretches) if stretches else None
        for span, stretches in ((Span.DAY, cover.days), (Span.HOUR, cover.hours), (Span.HOUR, cover.late))
    )
    stored = [each for each in (days, hours, late) if each is not None]
    if stored:
        rows = RollUp.objects.filter(reduce(or_, stored), name=count.name)
        group: dict[str, Any] = {"bucket": calendar.bucket(bucket, "start")} if bucket else {"part": F("key")}
        value = F("value") if late is None else Case(When(late, then=F("gone")), default=F("value"))
        yield rows.annotate(**group), (Max if count.adding is Adding.MAX else Sum)(value)
    if cover.raw:
        at = count.source.at
        rows = count.source.all_rows().order_by().filter(within(at, cover.raw))
        group = {"bucket": calendar.bucket(bucket, at)} if bucket else {"part": count.key}
        yield rows.annotate(**group), count.value


def _add(count: Declared, found: dict[Any, int], groups: Iterable[tuple[Any, Any]]) -> None:
    both: Callable[[int, int], int] = max if count.adding is Adding.MAX else int.__add__
    for group, value in groups:
        if group is not None and value:
            found[group] = both(found.get(group, 0), int(value))
