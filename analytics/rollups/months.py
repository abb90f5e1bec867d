"""Which users were active on which days: whoever was active on any of some days is counted once."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.db.models.lookups import Exact, GreaterThan

from analytics.models import ActiveMonth
from analytics.rollups.calendar import Calendar
from analytics.rollups.stretches import Stretch, within
from analytics.sources import ACTIVITY

# Whole days only: what folding has moved has stayed on its day.
_NOTE = """
INSERT INTO active_months (zone, month, user_id, days)
SELECT %(zone)s, date_trunc('month', day)::date, user_id, bit_or(1 << (extract(day FROM day)::int - 1))
FROM (
    SELECT DISTINCT hour AT TIME ZONE %(zone)s AS day, user_id FROM user_activity
    WHERE hour >= %(start)s AND hour < %(end)s
) AS days
GROUP BY 2, 3
ON CONFLICT (zone, month, user_id) DO UPDATE SET days = active_months.days | excluded.days
"""


def note_days(calendar: Calendar, start: datetime, end: datetime) -> None:
    """Note who was active on each day of a stretch of whole days; what had been noted stays."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"zone": calendar.name, "start": start, "end": end})


def forget_days(calendar: Calendar, start: datetime, end: datetime) -> None:
    """Let nobody have been active on any day of a stretch of whole days."""
    for month, days in months_of(calendar, [(start, end)]):
        rows = ActiveMonth.objects.filter(zone=calendar.name, month=month)
        rows.filter(Q(Exact(F("days").bitand(~days), 0))).delete()
        rows.update(days=F("days").bitand(~days))


def users_of(calendar: Calendar, days: Iterable[Stretch], raw: Iterable[Stretch]) -> int:
    """Count the users who were active within noted days, or within stretches that are read raw."""
    active: list[Any] = []
    if months := months_of(calendar, days):
        noted = ActiveMonth.objects.filter(zone=calendar.name)
        active.append(noted.filter(reduce(or_, (_any_of(month, bits) for month, bits in months))))
    if raw := list(raw):
        active.append(ACTIVITY.all_rows().order_by().filter(within(ACTIVITY.at, raw)))
    users = [rows.values("user_id") for rows in active]
    if not users:
        return 0
    return int(users[0].union(*users[1:]).count() if len(users) > 1 else users[0].distinct().count())


def _any_of(month: date, bits: int) -> Q:
    return Q(GreaterThan(F("days").bitand(bits), 0), month=month)


def months_of(calendar: Calendar, stretches: Iterable[Stretch]) -> list[tuple[date, int]]:
    """Give each month that has some of these whole days, and those as bits."""
    months: dict[date, int] = {}
    for day in _days(calendar, stretches):
        first = day.replace(day=1)
        months[first] = months.get(first, 0) | 1 << (day.day - 1)
    return sorted(months.items())


def _days(calendar: Calendar, stretches: Iterable[Stretch]) -> Iterator[date]:
    for start, end in stretches:
        day, last = calendar.day(start), calendar.day(end - timedelta(microseconds=1))
        while day <= last:
            yield day
            day += timedelta(days=1)
