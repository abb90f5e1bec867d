"""Asks for all that the page shows of one moment; in no language yet."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Any, Generic, TypeVar

from analytics.repositories import AnalyticsRepository
from faceitbot.core import clock
from faceitbot.core.errors import Unavailable
from faceitbot.core.health import registry
from faceitbot.core.health.checks import State, Verdict
from faceitbot.core.health.database import reading
from faceitbot.core.health.looking import look
from faceitbot.core.health.memory import remember
from faceitbot.staff_room.landing.events import Happened, happened

T = TypeVar("T")
LAMPS = ("database", "cache", "jobs", "reviews", "refunds")
EVENTS = 20
# What hardly changes is read less often than the page is made: past hours, and checks that connect anew.
LAMPS_SECONDS, PAST_SECONDS = 4.0, 30.0
LOOK_SECONDS = 3.0

figures = AnalyticsRepository()


@dataclass(frozen=True)
class Figures:
    """What the database said at one moment."""

    at: datetime
    present: dict[str, Any]
    before: dict[str, Any]
    series: dict[str, Any]
    happened: Happened


@dataclass(frozen=True)
class Reading:
    """One moment. Where the database does not answer, `figures` are the last that it gave, or None."""

    at: datetime
    lamps: list[Verdict]
    figures: Figures | None

    @property
    def is_stale(self) -> bool:
        """Whether the figures are older than the lamps."""
        return self.figures is None or self.figures.at < self.at


class Reader:
    """Reads moment after moment. Concurrency: one caller at a time."""

    def __init__(self) -> None:
        self._lamps = Kept(_look, LAMPS_SECONDS)
        self._before = Kept(figures.get_live_figures_a_week_before.blocking, PAST_SECONDS)
        self._series = Kept(figures.get_live_series.blocking, PAST_SECONDS)
        self._last: Figures | None = None

    def read(self) -> Reading:
        """Read what there is now; it takes a few seconds at most, whatever is frozen."""
        found = Reading(clock.now(), self._lamps.value(), self._last)
        if any(each.name == "database" and each.state == State.DOWN for each in found.lamps):
            return found
        try:
            self._last = reading("live", lambda: self._figures(found.at))
        except Unavailable:
            self._lamps.forget()  # they did not know of it yet
            return replace(found, lamps=self._lamps.value())
        return replace(found, figures=self._last)

    def _figures(self, now: datetime) -> Figures:
        return Figures(
            now,
            figures.get_live_figures.blocking(),
            self._before.value(),
            self._series.value(),
            happened(lambda _permission: True, EVENTS),
        )


class Kept(Generic[T]):
    """A value that is good for some seconds."""

    def __init__(self, make: Callable[[], T], seconds: float) -> None:
        self._make, self._seconds = make, seconds
        self._made: tuple[float, T] | None = None

    def value(self) -> T:
        """Give the value, made anew when it is too old."""
        if self._made is None or monotonic() - self._made[0] > self._seconds:
            self._made = monotonic(), self._make()
        return self._made[1]

    def forget(self) -> None:
        """Make it anew the next time."""
        self._made = None


def _look() -> list[Verdict]:
    return remember(look(registry.checks(*LAMPS), LOOK_SECONDS))
