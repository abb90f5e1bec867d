"""Which sums stand for a range of time, and what of it has to be read raw."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from analytics.models import Span
from analytics.rollups.calendar import Calendar
from analytics.rollups.stretches import Stretch, joined, without


@dataclass(frozen=True)
class Cover:
    """A range, cut up: whole days and hours that are summed up, and the rest.

    `late` is what of the rest has been summed up as hours: rows may be gone there.
    """

    days: list[Stretch]
    hours: list[Stretch]
    raw: list[Stretch]
    late: list[Stretch] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    """What has been summed up: up to when by each span, but for hours that something came late for.

    Shape: `late` are these hours, joined, oldest first.
    """

    until: dict[Span, datetime | None]
    late: list[Stretch]

    def whole(self, span: Span, calendar: Calendar, stretches: Iterable[Stretch]) -> list[Stretch]:
        """Give what of these stretches consists of whole spans that are summed up."""
        parts = self.summed_up(span, calendar, stretches)
        return without(parts, self._around_late(span, calendar, parts)) if parts else []

    def summed_up(self, span: Span, calendar: Calendar, stretches: Iterable[Stretch]) -> list[Stretch]:
        """Give what of these stretches consists of whole spans that are summed up, late ones among them."""
        until = self.until.get(span)
        if until is None:
            return []
        parts = []
        for first, last in stretches:
            start = calendar.begin_at_or_after(span, first)
            end = calendar.begin(span, min(last, until))
            if start < end:
                parts.append((start, end))
        return parts

    def _around_late(self, span: Span, calendar: Calendar, parts: list[Stretch]) -> list[Stretch]:
        start, end = parts[0][0], parts[-1][1]
        return [
            (calendar.begin(span, first), calendar.begin_at_or_after(span, last))
            for first, last in self.late
            if first < end and start < last
        ]


def cover(
    start: datetime,
    end: datetime,
    calendar: Calendar,
    made: Made,
    *,
    by_hour: bool = False,
    rows_of_hours: bool = False,
) -> Cover:
    """Cut a range up: the longest sums first, as little as possible raw; no days with `by_hour`.

    With `rows_of_hours` each row stands for an hour, so whole hours have the same rows as a part with the
    beginning of the hour has, and none are those of a part without.
    """
    everything = [(start, end)]
    days = [] if by_hour else made.whole(Span.DAY, calendar, everything)
    rest = without(everything, days)
    if rows_of_hours:
        rest = joined(
            (calendar.begin_at_or_after(Span.HOUR, first), calendar.begin_at_or_after(Span.HOUR, last))
            for first, last in rest
        )
    hours = made.whole(Span.HOUR, calendar, rest)
    raw = without(rest, hours)
    return Cover(joined(days), joined(hours), raw, made.summed_up(Span.HOUR, calendar, raw))
