"""Makes the sums anew that something came late for."""

from collections.abc import Collection, Iterable
from datetime import datetime

from analytics.models import Span
from analytics.rollups.calendar import AN_HOUR, Calendar
from analytics.rollups.counts import COUNTS, Adding, Declared
from analytics.rollups.making import make, spans_of
from analytics.rollups.stretches import Stretch, joined
from analytics.rollups.watermarks import calendars, folded_until, watermark


def make_anew(source: str, late: Collection[datetime]) -> None:
    """Make the sums of these hours anew, and of all that they are a part of, in each zone that has sums."""
    hours = [(hour, hour + AN_HOUR) for hour in late]
    for count in COUNTS.values():
        for calendar in calendars() if hours and count.source.name == source else ():
            remake(count, calendar, hours)


def remake(
    count: Declared, calendar: Calendar, stretches: Iterable[Stretch], *, replace: bool = False
) -> None:
    """Make a count's sums anew wherever a stretch reaches; what has never been summed up is left alone."""
    stretches = list(stretches)
    folded = folded_until() if count.adding is Adding.USERS and count.source.folded else None
    for span in spans_of(count):
        until = watermark(count, span, calendar)
        if until is None:
            continue
        # Who was active in an hour is not known any more once it is folded: its number stays.
        first = folded if span is Span.HOUR else None
        whole = [
            (begin, calendar.end(span, begin))
            for start, end in stretches
            for begin in calendar.beginnings(span, start, min(end, until))
            if first is None or begin >= first
        ]
        for start, end in joined(whole):
            make(count, span, calendar, start, end, replace=replace)
