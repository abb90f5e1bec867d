"""Writes the sums of a stretch of time: the whole of it, or nothing.

A sum is what its rows say and what is gone of them (`leaving.py`). What is made again keeps the greater
value: rows may go without a word, as when a match is analysed again, and the past must not shrink with them.
Only who asks for a replacement gets what the rows say today.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from analytics.models import RollUp, Span
from analytics.rollups.calendar import Calendar
from analytics.rollups.counts import Adding, Declared
from analytics.rollups.months import forget_days, note_days, users_of

SUMMED = (Span.HOUR, Span.DAY)
Part = tuple[datetime, str, int]

_WRITE = """
INSERT INTO roll_ups (name, span, zone, start, key, value)
SELECT %(name)s, %(span)s, %(zone)s, start, key, value
FROM unnest(%(starts)s::timestamptz[], %(keys)s::text[], %(values)s::bigint[]) AS parts (start, key, value)
ORDER BY start, key
ON CONFLICT (name, span, zone, start, key) DO UPDATE
SET value = greatest(roll_ups.value, excluded.value + roll_ups.gone)
"""


def spans_of(count: Declared) -> tuple[Span, ...]:
    """Give the spans that a count is summed up by, in the order in which they are made of each other."""
    return (*SUMMED, Span.WEEK, Span.MONTH) if count.adding is Adding.USERS else SUMMED


def make(
    count: Declared, span: Span, calendar: Calendar, start: datetime, end: datetime, *, replace: bool = False
) -> None:
    """Write the sums of each hour, day, week or month of a stretch that consists of whole ones.

    Concurrency: inside a transaction that holds the lock of whoever makes sums.
    """
    if replace:
        _forget(count, _stored(count, span, calendar, start, end))
    if span is Span.DAY and count.adding is Adding.USERS:
        if replace:
            forget_days(calendar, start, end)
        note_days(calendar, start, end)
    parts = _from_rows if span in SUMMED else _from_days
    _write(count, span, calendar, list(parts(count, span, calendar, start, end)))
    # Where there are no rows any more, nothing has been written.
    _stored(count, span, calendar, start, end).filter(gone__gt=F("value")).update(value=F("gone"))


def _stored(
    count: Declared, span: Span, calendar: Calendar, start: datetime, end: datetime
) -> QuerySet[RollUp]:
    zone = calendar.zone_of(span)
    return RollUp.objects.filter(name=count.name, span=span, zone=zone, start__gte=start, start__lt=end)


def _forget(count: Declared, sums: QuerySet[RollUp]) -> None:
    if count.source.folded:  # what is gone of an hour is in the rows of another one
        sums.exclude(gone=0).update(value=0)
        sums = sums.filter(gone=0)
    sums.delete()


def _from_rows(
    count: Declared, span: Span, calendar: Calendar, start: datetime, end: datetime
) -> Iterator[Part]:
    rows = count.source.rows(start, end)
    groups = rows.annotate(bucket=calendar.bucket(span, count.source.at), part=count.key)
    for bucket, part, value in groups.values_list("bucket", "part").annotate(value=count.value):
        if part is not None and value:
            yield calendar.begin_of(bucket), part, int(value)


def _from_days(
    _count: Declared, span: Span, calendar: Calendar, start: datetime, end: datetime
) -> Iterator[Part]:
    for begin in calendar.beginnings(span, start, end):
        if users := users_of(calendar, [(begin, calendar.end(span, begin))], []):
            yield begin, "", users


def _write(count: Declared, span: Span, calendar: Calendar, parts: list[Part]) -> None:
    if not parts:
        return
    columns: dict[str, Any] = {
        "name": count.name,
        "span": span.value,
        "zone": calendar.zone_of(span),
        "starts": [start for start, _key, _value in parts],
        "keys": [key for _start, key, _value in parts],
        "values": [value for _start, _key, value in parts],
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, columns)
