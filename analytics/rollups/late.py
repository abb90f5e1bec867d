"""Makes the sums anew that something came late for."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from analytics.models import LateHour
from analytics.rollups.calendar import AN_HOUR, Calendar
from analytics.rollups.counts import COUNTS, Declared
from analytics.rollups.making import make, spans_of
from analytics.rollups.stretches import Stretch, joined
from analytics.rollups.watermarks import calendars, watermark

AT_ONCE = 500  # hours, in one transaction


def take_late() -> dict[str, list[datetime]]:
    """Take the notes of some late hours of one source away; give those hours, none when nothing is late."""
    source = LateHour.objects.order_by("source").values_list("source", flat=True).first()
    if source is None:
        return {}
    notes = LateHour.objects.filter(source=source)
    hours = list(notes.order_by("hour").values_list("hour", flat=True).distinct()[:AT_ONCE])
    notes.filter(hour__in=hours).delete()
    return {source: hours}


def make_anew(late: Mapping[str, Iterable[datetime]]) -> None:
    """Make the sums of these hours anew, and of all that they are a part of, in each zone that has sums."""
    for count in COUNTS.values():
        hours = [(hour, hour + AN_HOUR) for hour in late.get(count.source.name, ())]
        for calendar in calendars() if hours else ():
            remake(count, calendar, hours)


def remake(
    count: Declared, calendar: Calendar, stretches: Iterable[Stretch], *, replace: bool = False
) -> None:
    """Make a count's sums anew wherever a stretch reaches; what has never been summed up is left alone."""
    stretches = list(stretches)
    for span in spans_of(count):
        until = watermark(count, span, calendar)
        if until is None:
            continue
        whole = [
            (begin, calendar.end(span, begin))
            for start, end in stretches
            for begin in calendar.beginnings(span, start, min(end, until))
        ]
        for start, end in joined(whole):
            make(count, span, calendar, start, end, replace=replace)
