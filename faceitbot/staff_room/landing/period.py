"""The stretch of days that the figures tell of, and the one before it to compare with."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from faceitbot.core import clock

CHOICES = (1, 7, 30, 90)
DEFAULT = 1


@dataclass(frozen=True)
class Period:
    """Whole days of `BOT_TIME_ZONE` up to today; of today, the hours that have begun."""

    days: int
    now: datetime

    @classmethod
    def asked_for(cls, text: str, now: datetime) -> "Period":
        """Read the number of days out of an address; what is not offered is the default."""
        days = int(text) if text in map(str, CHOICES) else DEFAULT
        return cls(days, now)

    @property
    def first_day(self) -> date:
        """The first day."""
        return clock.today(self.now) - timedelta(days=self.days - 1)

    @property
    def start(self) -> datetime:
        """The first moment."""
        return clock.start_of_day(self.first_day)

    @property
    def end(self) -> datetime:
        """The end of the present hour: activity is kept by the hour, and so are the figures of it."""
        return self.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    @property
    def before(self) -> tuple[datetime, datetime]:
        """The stretch of the same length before: what is compared has had the same time to happen."""
        start = clock.start_of_day(self.first_day - timedelta(days=self.days))
        return start, start + (self.end - self.start)

    @property
    def dates(self) -> list[date]:
        """All days, oldest first."""
        return [self.first_day + timedelta(days=number) for number in range(self.days)]
