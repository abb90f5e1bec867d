"""How far sums have been made, and the lock of whoever makes them."""

from datetime import datetime, timedelta

from django.db import connection

from analytics.errors import AlreadyRunning
from analytics.models import Span, Watermark
from analytics.models.rollups import HOURS_HAVE_NO_ZONE
from analytics.rollups.calendar import Calendar
from analytics.rollups.counts import Declared

# These stand among the names of counts.
CLAIMED = "(claimed)"
FOLDED = "(folded)"
# What is written within an hour has committed this long after its end, or is still seen to run.
SETTLED_AFTER = timedelta(minutes=5)

_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('maker of roll-ups', 0))"
# The lock of the triggers. Not waited for: those who hold it may wait for each other's rows, and would wait
# for whoever waits here.
_NOBODY_IS_LATE = "SELECT pg_try_advisory_xact_lock(hashtextextended('roll-ups', 0))"
# Rows and what is gone of them are read one after the other; neither may change meanwhile. Many make sums of
# them at a time, one takes rows away.
_ROWS_STAY = "SELECT pg_advisory_xact_lock_shared(hashtextextended('rows of roll-ups', 0))"
_ROWS_GO = "SELECT pg_advisory_xact_lock(hashtextextended('rows of roll-ups', 0))"
_OLDEST_WRITER = """
SELECT min(xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
"""


def lock_makers() -> None:
    """Keep other makers of sums out until the transaction ends. Errors: `AlreadyRunning`."""
    if not _ask(_ALONE):
        raise AlreadyRunning("another process makes sums at this moment")
    _ask(_ROWS_STAY)


def lock_rows_that_go() -> None:
    """Keep sums from being made until the transaction ends, which takes rows of their past away.

    Concurrency: waits for the step that somebody makes; who makes sums waits for nobody's rows.
    """
    _ask(_ROWS_GO)


def claim(until: datetime) -> bool:
    """Let all that is added before a moment be noted as late from now on; False: not yet.

    Whoever adds something holds the lock until he has committed. So once this has committed, what comes late
    has either been committed as well, or is noted; sums that are made from then on miss nothing.
    """
    if not _ask(_NOBODY_IS_LATE):
        return False
    rows = Watermark.objects.filter(name=CLAIMED)
    if not rows.filter(until__gte=until).exists():
        Watermark.objects.update_or_create(
            name=CLAIMED, span=Span.HOUR, zone=HOURS_HAVE_NO_ZONE, defaults={"until": until}
        )
    return True


def settled(now: datetime) -> datetime:
    """Give the moment before which nobody writes any more but those who are late and say so."""
    oldest = _ask(_OLDEST_WRITER)
    until = now - SETTLED_AFTER
    return min(until, oldest) if isinstance(oldest, datetime) else until


def marks(calendar: Calendar) -> dict[tuple[str, Span], datetime]:
    """Give the moment up to which each count is summed up, by each span; what never was is not there."""
    rows = Watermark.objects.filter(zone__in=(HOURS_HAVE_NO_ZONE, calendar.name))
    return {(row.name, Span(row.span)): row.until for row in rows}


def watermark(count: Declared, span: Span, calendar: Calendar) -> datetime | None:
    """Give the moment up to which a count is summed up; None if it never was."""
    return (
        Watermark.objects.filter(name=count.name, span=span, zone=calendar.zone_of(span))
        .values_list("until", flat=True)
        .first()
    )


def move(count: Declared, span: Span, calendar: Calendar, until: datetime) -> None:
    """Remember that a count is summed up to a moment."""
    Watermark.objects.update_or_create(
        name=count.name, span=span, zone=calendar.zone_of(span), defaults={"until": until}
    )


def fold(before: datetime) -> None:
    """Remember that hours before a moment are folded into days."""
    if not Watermark.objects.filter(name=FOLDED, until__gte=before).exists():
        Watermark.objects.update_or_create(
            name=FOLDED, span=Span.HOUR, zone=HOURS_HAVE_NO_ZONE, defaults={"until": before}
        )


def folded_until() -> datetime | None:
    """Give the moment before which hours are folded; None when none ever was."""
    return Watermark.objects.filter(name=FOLDED).values_list("until", flat=True).first()


def calendars() -> list[Calendar]:
    """Give the calendars that there are sums of, whatever `BOT_TIME_ZONE` says now."""
    zones = Watermark.objects.exclude(zone="").order_by("zone").values_list("zone", flat=True).distinct()
    return [Calendar(zone) for zone in zones]


def _ask(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
