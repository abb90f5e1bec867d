"""On which days single users were active: from what is noted of each month, and from the hours of the rest.

Sums say how many were active; who came back is seen here alone.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from analytics.rollups.reading import History
from analytics.rollups.stretches import Stretch

# Each user once for each day. `{people}` may keep some users only.
_ACTIVE_DAYS = """
noted AS (
    SELECT * FROM unnest(%(noted_first)s::date[], %(noted_after)s::date[]) AS noted (first, after)
), raw AS (
    SELECT * FROM unnest(%(raw_start)s::timestamptz[], %(raw_end)s::timestamptz[]) AS raw (start, until)
), active_days AS (
    SELECT user_id, day FROM active_months
    {people}
    CROSS JOIN LATERAL (
        SELECT month + number AS day FROM generate_series(0, 30) AS number WHERE days & (1 << number) <> 0
    ) AS of_month
    JOIN noted ON day >= first AND day < after
    WHERE zone = %(zone)s AND month BETWEEN
        (SELECT date_trunc('month', min(first))::date FROM noted) AND (SELECT max(after) FROM noted)
    UNION
    SELECT user_id, (hour AT TIME ZONE %(zone)s)::date FROM user_activity
    {people}
    JOIN raw ON hour >= start AND hour < until
)
"""
_STAYERS = f"""
WITH {_ACTIVE_DAYS.format(people="")}
SELECT count(*) FILTER (WHERE before), count(*) FILTER (WHERE before AND after) FROM (
    SELECT bool_or(day < %(middle)s) AS before, bool_or(day >= %(middle)s) AS after
    FROM active_days GROUP BY user_id
) AS users
"""
_COHORTS = f"""
WITH people AS (
    SELECT id AS user_id, date_trunc('week', created_at AT TIME ZONE %(zone)s)::date AS cohort
    FROM users WHERE created_at >= %(start)s AND created_at < %(end)s
), {_ACTIVE_DAYS.format(people="JOIN people USING (user_id)")}
SELECT cohort, NULL, count(*) FROM people GROUP BY cohort
UNION ALL
SELECT cohort, (date_trunc('week', day)::date - cohort) / 7 AS week, count(DISTINCT user_id)
FROM active_days JOIN people USING (user_id) WHERE day >= cohort GROUP BY 1, 2
"""


class Cohort(NamedTuple):
    """Those who came within one week: how many they are, and how many were active in each week since."""

    users: int
    active: dict[int, int]


def count_stayers(history: History, start: datetime, middle: datetime, end: datetime) -> tuple[int, int]:
    """Count who was active from the start to the middle, and who of them was active after it, too."""
    values = _days(history, start, end) | {"middle": history.calendar.day(middle)}
    with connection.cursor() as cursor:
        cursor.execute(_STAYERS, values)
        before, both = cursor.fetchone()
        return before, both


def cohorts(history: History, start: datetime, end: datetime) -> dict[date, Cohort]:
    """Give those who came in each week of a stretch that begins with one, by its Monday."""
    found: dict[date, Cohort] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COHORTS, _days(history, start, end) | {"start": start, "end": end})
        for monday, week, number in sorted(cursor.fetchall(), key=lambda row: row[1] is not None):
            if week is None:
                found[monday] = Cohort(number, {})
            else:
                found[monday].active[week] = number
    return found


def _days(history: History, start: datetime, end: datetime) -> dict[str, Any]:
    noted, raw = history.noted_days(start, end)
    day = history.calendar.day
    return {
        "zone": history.calendar.name,
        "noted_first": [day(first) for first, _after in noted],
        "noted_after": [day(after) for _first, after in noted],
        **_bounds(raw),
    }


def _bounds(stretches: Iterable[Stretch]) -> dict[str, list[datetime]]:
    both = list(stretches)
    return {"raw_start": [start for start, _end in both], "raw_end": [end for _start, end in both]}
