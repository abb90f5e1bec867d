"""Days of a zone out of the sums of hours, which know what no row says any more.

A day is made of its rows, and so is exact in every zone. A zone that is new has days whose rows have gone:
these begin with their hours. An hour that belongs to two days, where a zone is half an hour off, only tells
of what is gone, on the day that it begins in.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Min, Sum

from analytics.models import RollUp, Span
from analytics.models.rollups import HOURS_HAVE_NO_ZONE
from analytics.rollups.calendar import Calendar
from analytics.rollups.counts import Adding, Declared

_WRITE = """
INSERT INTO roll_ups (name, span, zone, start, key, value, gone)
SELECT %(name)s, 'day', %(zone)s, start, key, value, gone
FROM unnest(%(starts)s::timestamptz[], %(keys)s::text[], %(values)s::bigint[], %(gone)s::bigint[])
    AS parts (start, key, value, gone)
ORDER BY start, key
ON CONFLICT (name, span, zone, start, key) DO UPDATE
SET value = greatest(roll_ups.value, excluded.value),
    gone = CASE WHEN %(is_new)s THEN excluded.gone ELSE roll_ups.gone END
"""


def first_hour(count: Declared) -> datetime | None:
    """Give the first hour that there is a sum of; its rows may have gone."""
    hours = RollUp.objects.filter(name=count.name, span=Span.HOUR, zone=HOURS_HAVE_NO_ZONE)
    first: datetime | None = hours.aggregate(first=Min("start"))["first"]
    return first


def begin_with_hours(
    count: Declared, calendar: Calendar, start: datetime, end: datetime, *, is_new: bool
) -> None:
    """Let whole days be no less than their hours; where the zone `is_new` to the count, what is gone as well.

    Of a zone that is not, `leaving.py` has written what is gone. Users of hours cannot be added up to days.
    """
    if count.adding is Adding.USERS:
        return
    if parts := list(_days(count, calendar, start, end)):
        starts, keys, values, gone = zip(*parts, strict=True)
        columns: dict[str, Any] = {
            "name": count.name,
            "zone": calendar.name,
            "starts": list(starts),
            "keys": list(keys),
            "values": list(values),
            "gone": list(gone),
            "is_new": is_new,
        }
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, columns)


def _days(
    count: Declared, calendar: Calendar, start: datetime, end: datetime
) -> Iterator[tuple[datetime, str, int, int]]:
    both = Max if count.adding is Adding.MAX else Sum
    hours = RollUp.objects.filter(
        name=count.name, span=Span.HOUR, zone=HOURS_HAVE_NO_ZONE, start__gte=start, start__lt=end
    )
    days = hours.annotate(day=calendar.bucket(Span.DAY, "start")).values_list("day", "key")
    for day, key, value, gone in days.annotate(of_hours=both("value"), gone_of_hours=Sum("gone")):
        begin = calendar.begin_of(day)
        has_whole_hours = begin.minute == 0 == calendar.end(Span.DAY, begin).minute
        yield begin, key, int(value) if has_whole_hours else 0, int(gone)
