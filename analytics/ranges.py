"""The stretch of time that figures tell of, and how series are handed out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics.models import Span
from analytics.moments import sensible
from analytics.rollups.reading import History, Series, span_of
from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput

DEFAULT_DAYS = 30
MOST_BUCKETS = 10_000
MOST_DAYS = 3_660
_LENGTH = {Span.HOUR: timedelta(hours=1), Span.DAY: timedelta(days=1)}


@dataclass(frozen=True)
class Range:
    """A stretch of time: its start belongs to it, its end does not."""

    start: datetime
    end: datetime

    @property
    def period(self) -> dict[str, str]:
        """The range as it is handed out."""
        return {"start": self.start.isoformat(), "end": self.end.isoformat()}


def range_of(start_date: object, end_date: object, now: datetime) -> Range:
    """Read a range; without a start thirty days of `BOT_TIME_ZONE`, the day of the end among them.

    Errors: `InvalidInput` for a date that is naive or out of all reason, an end before the start,
    or more than ten years.
    """
    end = now if end_date is None else sensible(end_date, "end_date")
    if start_date is None:
        start = clock.start_of_day(clock.today(end) - timedelta(days=DEFAULT_DAYS - 1))
    else:
        start = sensible(start_date, "start_date")
    if end < start:
        raise InvalidInput("end_date lies before start_date", field="end_date")
    if end - start > timedelta(days=MOST_DAYS):
        raise InvalidInput(
            f"from start_date to end_date there are more than {MOST_DAYS} days", field="end_date"
        )
    return Range(start, end)


def span_within(granularity: object, within: Range) -> Span:
    """Give what a granularity means. Errors: `InvalidInput`, also for a series that would be too long."""
    span = span_of(granularity)
    if span in _LENGTH and (within.end - within.start) / _LENGTH[span] > MOST_BUCKETS:
        raise InvalidInput(
            f"{granularity} buckets of this range are more than {MOST_BUCKETS}", field="granularity"
        )
    return span


def series(history: History, name: str, within: Range, span: Span) -> list[dict[str, Any]]:
    """Give a count as [{bucket, value}], every bucket that the range reaches into, oldest first."""
    return buckets(history.series(name, within.start, within.end, span))


def buckets(values: Series) -> list[dict[str, Any]]:
    """Give buckets as they are handed out; their times are those of `BOT_TIME_ZONE`."""
    return [{"bucket": at.isoformat(), "value": value} for at, value in values]
