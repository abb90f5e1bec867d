"""Activity by day: sums of finished days, kept, and the hours of the others, read.

A day that is over changes only when somebody counts requests of the past. Both who sums days up and who does
that take one lock, so that no sum is stored that leaves out what is being counted.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Sum
from django.db.models.functions import TruncDate

from faceitbot.core import clock
from users.models import ActivityDay, UserActivity

# A day is summed up this long after its end. What is counted of half that time has committed by then.
SETTLED_AFTER = timedelta(hours=1)

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('activity days', 0))"

_SUM_UP = """
INSERT INTO activity_days (zone, day, active_users, requests)
SELECT %(zone)s, day::date, count(user_id), coalesce(sum(requests), 0)
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
LEFT JOIN (
    SELECT (hour AT TIME ZONE %(zone)s)::date AS day, user_id, sum(requests) AS requests
    FROM user_activity WHERE hour >= %(start)s AND hour < %(end)s
    GROUP BY 1, 2
) AS of_users USING (day)
GROUP BY 2
ON CONFLICT (zone, day) DO NOTHING
"""


class Activity(NamedTuple):
    """How many users were active within a day, and how many requests they made."""

    active_users: int
    requests: int


NO_ACTIVITY = Activity(0, 0)


def sum_up_days(now: datetime) -> int:
    """Store the sums of the finished days that have none; give how many days that were."""
    last = clock.today(now - SETTLED_AFTER) - timedelta(days=1)
    oldest = UserActivity.objects.aggregate(hour=Min("hour"))["hour"]
    if oldest is None:
        return 0
    missing = sorted(_days(clock.today(oldest), last) - _stored(clock.today(oldest), last).keys())
    if not missing:
        return 0
    values: dict[str, Any] = {
        "zone": settings.BOT_TIME_ZONE,
        "first": missing[0],
        "last": last,
        "start": clock.start_of_day(missing[0]),
        "end": clock.start_of_day(last + timedelta(days=1)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_SUM_UP, values)
        return int(cursor.rowcount)


def forget_days(moments: Iterable[datetime]) -> None:
    """Drop the sums of these moments' days, for something of them is about to be counted."""
    days = {clock.today(moment) for moment in moments if moment < clock.now() - SETTLED_AFTER / 2}
    if not days:
        return
    # The calendars of all zones: the setting may have been another one.
    around = {day + timedelta(days=number) for day in days for number in (-1, 0, 1)}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    ActivityDay.objects.filter(day__in=around).delete()


def activity_by_day(first: date, last: date) -> dict[date, Activity]:
    """Give the activity of each day of `BOT_TIME_ZONE` that had any."""
    found = _stored(first, last)
    for start, end in _stretches(_days(first, last) - found.keys()):
        rows = UserActivity.objects.filter(
            hour__gte=clock.start_of_day(start), hour__lt=clock.start_of_day(end)
        )
        by_day = rows.annotate(day=TruncDate("hour", tzinfo=clock.bot_zone())).order_by().values_list("day")
        sums = by_day.annotate(Count("user_id", distinct=True), Sum("requests"))
        found |= {day: Activity(users, requests) for day, users, requests in sums}
    return found


def activity_between(start: datetime, end: datetime) -> Activity:
    """Give the activity of a part of one day, by whole hours."""
    sums = UserActivity.objects.filter(hour__gte=start, hour__lt=end).aggregate(
        users=Count("user_id", distinct=True), requests=Sum("requests", default=0)
    )
    return Activity(sums["users"], sums["requests"])


def _stored(first: date, last: date) -> dict[date, Activity]:
    rows = ActivityDay.objects.filter(zone=settings.BOT_TIME_ZONE, day__range=(first, last))
    return {row.day: Activity(row.active_users, row.requests) for row in rows}


def _days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


def _stretches(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Give the stretches that these days make, each as its first day and the day after its last."""
    for _distance, run in groupby(enumerate(sorted(days)), lambda each: each[1].toordinal() - each[0]):
        of_run = [day for _number, day in run]
        yield of_run[0], of_run[-1] + timedelta(days=1)
