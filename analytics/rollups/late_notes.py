"""The notes of hours that something came late for, which triggers leave. There may be one for each row."""

from collections import defaultdict
from datetime import datetime

from django.db import connection
from django.db.models import Count

from analytics.models import LateHour
from analytics.rollups.stretches import Stretch

AT_ONCE = 500  # hours, in one transaction

# Hours beside each other are one stretch; the database joins them, for there may be as many as in years.
_STRETCHES = """
SELECT source, lower(stretch), upper(stretch) FROM (
    SELECT source, unnest(range_agg(tstzrange(hour, hour + interval '1 hour'))) AS stretch
    FROM (SELECT DISTINCT source, hour FROM roll_up_late_hours) AS hours GROUP BY source
) AS late
ORDER BY 1, 2
"""


def late_stretches() -> dict[str, list[Stretch]]:
    """Give the hours that something came late for, joined, oldest first, by source."""
    late: dict[str, list[Stretch]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_STRETCHES)
        for source, start, end in cursor.fetchall():
            late[source].append((start, end))
    return dict(late)


def late_hours() -> dict[str, int]:
    """Give how many hours something came late for, by source."""
    counted = LateHour.objects.order_by("source").values_list("source").annotate(Count("hour", distinct=True))
    return dict(counted)


def take_late(source: str) -> list[datetime]:
    """Take the notes of some late hours of a source away; give those hours, none when nothing is late."""
    notes = LateHour.objects.filter(source=source)
    hours = list(notes.order_by("hour").values_list("hour", flat=True).distinct()[:AT_ONCE])
    notes.filter(hour__in=hours).delete()
    return hours
