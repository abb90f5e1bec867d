"""Which users were active in which of several stretches of time: from the days that are noted of each month,
and from the hours of the rest. Sums say how many were active; who came back is seen here alone.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from analytics.rollups.months import months_of
from analytics.rollups.reading import History
from analytics.rollups.stretches import Stretch

# Each user once for each stretch, by its number. `{people}` may keep some users only. The months are named
# twice: of joined ones the planner does not know that they are few, and would read all there are.
_ACTIVE = """
noted AS (
    SELECT * FROM unnest(%(numbers)s::int[], %(months)s::date[], %(bits)s::int[])
        AS noted (number, month, bits)
), raw AS (
    SELECT * FROM unnest(%(raw_numbers)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
        AS raw (number, start, until)
), active AS (
    SELECT number, user_id FROM active_months JOIN noted USING (month) {people}
    WHERE zone = %(zone)s AND month = ANY(%(months)s::date[]) AND days & bits <> 0
    UNION
    SELECT number, user_id FROM user_activity JOIN raw ON hour >= start AND hour < until {people}
)
"""
_STAYERS = f"""
WITH {_ACTIVE.format(people="")}
SELECT count(*) FILTER (WHERE before), count(*) FILTER (WHERE before AND after) FROM (
    SELECT bool_or(number = 0) AS before, bool_or(number = 1) AS after FROM active GROUP BY user_id
) AS users
"""
_COHORTS = f"""
WITH people AS (
    SELECT id AS user_id, date_trunc('week', created_at AT TIME ZONE %(zone)s)::date AS monday
    FROM users WHERE created_at >= %(start)s AND created_at < %(end)s
), {_ACTIVE.format(people="JOIN people USING (user_id)")}
SELECT monday, NULL, count(*) FROM people GROUP BY monday
UNION ALL
SELECT monday, number, count(*) FROM active JOIN people USING (user_id) GROUP BY monday, number
"""


class Cohort(NamedTuple):
    """Those who came within one week: how many they are, and how many were active in each week, by number."""

    users: int
    active: dict[int, int]


def count_stayers(history: History, before: Stretch, after: Stretch) -> tuple[int, int]:
    """Count who was active in the first stretch, and who of them was active in the other one, too."""
    with connection.cursor() as cursor:
        cursor.execute(_STAYERS, _stretches(history, [before, after]))
        active, stayed = cursor.fetchone()
        return active, stayed


def cohorts(history: History, weeks: Sequence[Stretch]) -> dict[date, Cohort]:
    """Give those who came in each of some weeks, by its Monday; weeks are numbered in their order."""
    values: dict[str, Any] = {"start": weeks[0][0], "end": weeks[-1][1], **_stretches(history, weeks)}
    found: dict[date, Cohort] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COHORTS, values)
        for monday, week, users in sorted(cursor.fetchall(), key=lambda row: row[1] is not None):
            if week is None:
                found[monday] = Cohort(users, {})
            else:
                found[monday].active[week] = users
    return found


def _stretches(history: History, stretches: Sequence[Stretch]) -> dict[str, Any]:
    noted: list[tuple[int, date, int]] = []
    raw: list[tuple[int, datetime, datetime]] = []
    for number, (start, end) in enumerate(stretches):
        days, rest = history.noted_days(start, end)
        noted += [(number, month, bits) for month, bits in months_of(history.calendar, days)]
        raw += [(number, first, last) for first, last in rest]
    return {
        "zone": history.calendar.name,
        "numbers": [number for number, _month, _bits in noted],
        "months": [month for _number, month, _bits in noted],
        "bits": [bits for _number, _month, bits in noted],
        "raw_numbers": [number for number, _start, _end in raw],
        "starts": [start for _number, start, _end in raw],
        "ends": [end for _number, _start, end in raw],
    }
