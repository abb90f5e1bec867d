"""The stretch of days that the figures tell of, and the one before it to compare with."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from faceitbot.core import clock

CHOICES = (1, 7, 30, 90)
FILTERS = {1: "today", 7: "week", 30: "month", 90: "quarter"}  # the same days in the filters of lists
DEFAULT = 1


@dataclass(frozen=True)
class Period:
    """Whole days of `BOT_TIME_ZONE` up to today, and today up to now."""

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
    def hour(self) -> datetime:
        """The beginning of the present hour, which is the end of what activity can be compared of."""
        return self.now.replace(minute=0, second=0, microsecond=0)

    @property
    def first_day_before(self) -> date:
        """The first day of the stretch before."""
        return self.first_day - timedelta(days=self.days)

    def as_long_before(self, end: datetime) -> datetime:
        """Give the end of the stretch before: what is compared has had the same time to happen."""
        return clock.start_of_day(self.first_day_before) + (end - self.start)
