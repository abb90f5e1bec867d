"""Which sums stand for a range of time, and what of it has to be read raw."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from analytics.models import Span
from analytics.rollups.calendar import AN_HOUR, Calendar
from analytics.rollups.stretches import Stretch, joined, without


@dataclass(frozen=True)
class Cover:
    """A range, cut up: whole days and hours that are summed up, and the rest."""

    days: list[Stretch]
    hours: list[Stretch]
    raw: list[Stretch]


@dataclass(frozen=True)
class Made:
    """What has been summed up: up to when by each span, but for hours that something came late for."""

    until: dict[Span, datetime | None]
    late: list[Stretch]

    def whole(self, span: Span, calendar: Calendar, stretches: Iterable[Stretch]) -> list[Stretch]:
        """Give what of these stretches consists of whole spans that are summed up."""
        until = self.until.get(span)
        if until is None:
            return []
        parts = []
        for first, last in stretches:
            start = calendar.begin_at_or_after(span, first)
            end = calendar.begin(span, min(last, until))
            if start < end:
                parts.append((start, end))
        return without(parts, self._around_late(span, calendar, parts))

    def _around_late(self, span: Span, calendar: Calendar, parts: list[Stretch]) -> list[Stretch]:
        return [
            (begin, calendar.end(span, begin))
            for late in self.late
            for part in parts
            for begin in calendar.beginnings(span, max(late[0], part[0]), min(late[1], part[1]))
        ]


def cover(start: datetime, end: datetime, calendar: Calendar, made: Made, *, by_hour: bool = False) -> Cover:
    """Cut a range up: the longest sums first, as little as possible raw; no days with `by_hour`."""
    everything = [(start, end)]
    days = [] if by_hour else made.whole(Span.DAY, calendar, everything)
    rest = without(everything, days)
    hours = made.whole(Span.HOUR, calendar, rest)
    return Cover(joined(days), joined(hours), without(rest, hours))


def late_stretches(hours: Iterable[datetime]) -> list[Stretch]:
    """Give single hours as stretches."""
    return joined((hour, hour + AN_HOUR) for hour in hours)
