"""The month that an address asks for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.text import capfirst

from faceitbot.core import clock
from subscriptions.repositories.reporting import first_of_next

EARLIEST = date(2015, 1, 1)  # Telegram had no Stars and no bots before


@dataclass(frozen=True)
class Month:
    """A month that has begun, in days of `BOT_TIME_ZONE`."""

    first: date
    today: date

    @classmethod
    def asked_for(cls, text: str, now: datetime) -> "Month | None":
        """Read "2026-03"; "" is the present month, anything else is None."""
        today = clock.today(now)
        try:
            first = date.fromisoformat(f"{text}-01") if text else today.replace(day=1)
        except ValueError:
            return None
        return cls(first, today) if EARLIEST <= first <= today else None

    @property
    def is_running(self) -> bool:
        """Whether it is not over."""
        return self.first == self.today.replace(day=1)

    @property
    def label(self) -> str:
        """The month and its year in words."""
        return str(capfirst(date_format(self.first, "F Y")))

    @property
    def value(self) -> str:
        """The month as an address has it."""
        return f"{self.first:%Y-%m}"

    @property
    def previous(self) -> str:
        """The month before; "" where there is none."""
        before = self.first - timedelta(days=1)
        return f"{before:%Y-%m}" if before > EARLIEST else ""

    @property
    def next(self) -> str:
        """The month after; "" where it has not begun."""
        return "" if self.is_running else f"{first_of_next(self.first):%Y-%m}"
