"""Keeps what rows have counted when they are deleted, or folded into another hour.

Sums of hours and days have a column for what no row says any more (`RollUp.gone`). It is written in the
transaction that takes the rows away, so a sum may be made of the rest and of it at any time, as often as one
likes. Users cannot be added up, and the longest of some times has nothing to add: these only keep their sums.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from analytics.models import Span
from analytics.rollups.calendar import Calendar, of_the_bot
from analytics.rollups.counts import COUNTS, Adding, Declared
from analytics.rollups.making import SUMMED
from analytics.rollups.watermarks import calendars, fold, lock_rows_that_go

Gone = Counter[tuple[datetime, str]]

# A row of nothing but what is gone stands where nothing has been summed up yet.
_ADD = """
INSERT INTO roll_ups (name, span, zone, start, key, value, gone)
SELECT %(name)s, %(span)s, %(zone)s, start, key, 0, gone
FROM unnest(%(starts)s::timestamptz[], %(keys)s::text[], %(gone)s::bigint[]) AS parts (start, key, gone)
ORDER BY start, key
ON CONFLICT (name, span, zone, start, key) DO UPDATE SET gone = roll_ups.gone + excluded.gone
"""


def rows_are_deleted(source: str, leaving: Q) -> None:
    """Keep what the rows of a source have counted that the transaction is about to delete.

    Concurrency: the rows are locked, so that they are the same ones; waits for whoever makes sums.
    """
    lock_rows_that_go()
    for count in COUNTS.values():
        if count.source.name == source and count.adding is Adding.SUM:
            for span, calendar in _sums():
                _add(count, span, calendar, _counted(count, span, calendar, leaving))


def hours_are_folded(
    *, before: datetime, moves: Iterable[tuple[datetime, datetime, int]], **_: object
) -> None:
    """Hear of `users.signals.hours_folded`: requests of one hour are in the row of another from now on."""
    lock_rows_that_go()
    moves = list(moves)
    for span, calendar in _sums():
        gone: Gone = Counter()
        for hour, day, requests in moves:
            gone[calendar.begin(span, hour), ""] += requests
            gone[calendar.begin(span, day), ""] -= requests
        _add(COUNTS["requests"], span, calendar, gone)
    fold(before)


def _sums() -> list[tuple[Span, Calendar]]:
    hours, days = SUMMED
    return [(hours, of_the_bot()), *((days, calendar) for calendar in calendars())]


def _counted(count: Declared, span: Span, calendar: Calendar, leaving: Q) -> Gone:
    rows = count.source.all_rows().order_by().filter(leaving)
    groups = rows.annotate(bucket=calendar.bucket(span, count.source.at), part=count.key)
    return Counter(
        {
            (calendar.begin_of(bucket), part): int(value or 0)
            for bucket, part, value in groups.values_list("bucket", "part").annotate(value=count.value)
            if part is not None
        }
    )


def _add(count: Declared, span: Span, calendar: Calendar, gone: Gone) -> None:
    parts = [(start, key, value) for (start, key), value in gone.items() if value]
    if not parts:
        return
    starts, keys, values = zip(*parts, strict=True)
    columns: dict[str, Any] = {
        "name": count.name,
        "span": span.value,
        "zone": calendar.zone_of(span),
        "starts": list(starts),
        "keys": list(keys),
        "gone": list(values),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, columns)
