"""Hours, days, weeks and months of one zone. Hours are those of UTC, in every zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import DateField
from django.db.models.functions import Trunc, TruncHour
from django.db.models.functions.datetime import TruncBase

from analytics.models import Span
from analytics.models.rollups import HOURS_HAVE_NO_ZONE

AN_HOUR = timedelta(hours=1)
AHEAD = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 31}


class Calendar:
    """The calendar of a zone."""

    def __init__(self, zone: str) -> None:
        self.name = zone
        self.zone = ZoneInfo(zone)

    def zone_of(self, span: Span) -> str:
        """Give the zone that roll-ups of a span are stored under."""
        return HOURS_HAVE_NO_ZONE if span is Span.HOUR else self.name

    def begin(self, span: Span, moment: datetime) -> datetime:
        """Give the first moment, in UTC, of the hour, day, week or month that a moment is in."""
        if span is Span.HOUR:
            return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return self.midnight(_first(span, self.day(moment)))

    def end(self, span: Span, begin: datetime) -> datetime:
        """Give the first moment after the stretch that begins at `begin`."""
        if span is Span.HOUR:
            return begin + AN_HOUR
        return self.midnight(_first(span, self.day(begin) + timedelta(days=AHEAD[span])))

    def begin_at_or_after(self, span: Span, moment: datetime) -> datetime:
        """Give the first beginning that does not lie before a moment."""
        begin = self.begin(span, moment)
        return begin if begin == moment else self.end(span, begin)

    def beginnings(self, span: Span, start: datetime, end: datetime) -> Iterator[datetime]:
        """Go through the beginnings of all that lies in, or reaches into, a stretch of time."""
        begin = self.begin(span, start)
        while begin < end:
            yield begin
            begin = self.end(span, begin)

    def day(self, moment: datetime) -> date:
        """Give the day that a moment is in."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """Give the first moment of a day, in UTC."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def bucket(self, span: Span, column: str) -> TruncBase:
        """Give the expression of what a column's moment lies in; `begin_of` reads its values."""
        if span is Span.HOUR:
            return TruncHour(column, tzinfo=UTC)
        return Trunc(column, span.value, output_field=DateField(), tzinfo=self.zone)

    def begin_of(self, value: date | datetime) -> datetime:
        """Give the moment that a value of `bucket` stands for."""
        return value.astimezone(UTC) if isinstance(value, datetime) else self.midnight(value)


def of_the_bot() -> Calendar:
    """Give the calendar of `BOT_TIME_ZONE`."""
    return Calendar(settings.BOT_TIME_ZONE)


def _first(span: Span, day: date) -> date:
    match span:
        case Span.WEEK:
            return day - timedelta(days=day.weekday())
        case Span.MONTH:
            return day.replace(day=1)
    return day
