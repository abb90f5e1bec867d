"""Makes sums step by step: each step is a transaction, and finds out for itself where to go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from analytics.models import Span
from analytics.rollups.calendar import Calendar
from analytics.rollups.counts import COUNTS, Declared
from analytics.rollups.days import begin_with_hours, first_hour
from analytics.rollups.making import make, spans_of
from analytics.rollups.stretches import Stretch
from analytics.rollups.watermarks import marks, move, watermark

AT_ONCE = {Span.HOUR: 744, Span.DAY: 31, Span.WEEK: 10, Span.MONTH: 3}


@dataclass(frozen=True)
class Piece:
    """What is summed up by itself: a count, by one span."""

    count: Declared
    span: Span

    def begin(self, calendar: Calendar, target: datetime) -> datetime:
        """Give where to go on: the watermark, or else the first row or hour, or else the end."""
        mark = watermark(self.count, self.span, calendar)
        if mark is not None:
            return mark
        known = (self.count.source.first_moment(), first_hour(self.count))
        return calendar.begin(self.span, min(first for first in (target, *known) if first))

    def advance(self, calendar: Calendar, until: datetime) -> datetime:
        """Sum up the next part; give the watermark, which is `end` when nothing is left."""
        end = self.end(calendar, until)
        begin = self.begin(calendar, end)
        if begin < end:
            ends = (calendar.end(self.span, each) for each in calendar.beginnings(self.span, begin, end))
            *others, until = islice(ends, AT_ONCE[self.span])
            if self.span is Span.DAY:
                self._begin_with_hours(calendar, (begin, until), end, catches_up=bool(others))
            make(self.count, self.span, calendar, begin, until)
            begin = until
        move(self.count, self.span, calendar, begin)
        return begin

    def _begin_with_hours(
        self, calendar: Calendar, days: Stretch, end: datetime, *, catches_up: bool
    ) -> None:
        if watermark(self.count, self.span, calendar) is None:  # from here on, `leaving.py` knows the zone
            begin_with_hours(self.count, calendar, days[0], end, is_new=True)
        elif catches_up:
            begin_with_hours(self.count, calendar, *days, is_new=False)

    def end(self, calendar: Calendar, until: datetime) -> datetime:
        """Give how far this can be summed up: weeks and months are made of days that are."""
        if self.span in (Span.WEEK, Span.MONTH):
            until = min(until, watermark(self.count, Span.DAY, calendar) or until)
        return calendar.begin(self.span, until)


def pieces_behind(calendar: Calendar, until: datetime) -> Iterator[tuple[Piece, datetime]]:
    """Go through what is not summed up yet, with where to go on; what is made of another comes after it."""
    stored = marks(calendar)
    for count in COUNTS.values():
        for span in spans_of(count):
            piece, mark = Piece(count, span), stored.get((count.name, span))
            if mark is None or mark < calendar.begin(span, until):
                yield piece, mark or piece.begin(calendar, until)
