"""Reads any range: sums where they have been made, the raw rows of the rest, and never both.

    history = History.read()
    history.series("revenue", start, end, Span.DAY)    [(first moment of the bucket, value)], none left out
    history.total("requests", start, end)
    history.parts("revenue", start, end)               {"premium_monthly": 1990}
    history.users(start, end)                          whoever was active, each counted once

A range includes its start and not its end, and either may lie anywhere; a bucket that reaches out of the
range counts what lies within. Activity is kept by the hour: an hour belongs to the range that it begins in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from analytics.models import RollUp, Span
from analytics.rollups.calendar import Calendar, of_the_bot
from analytics.rollups.counts import ACTIVE_USERS, COUNTS, Adding, Declared, count_named
from analytics.rollups.covering import Cover, Made, cover
from analytics.rollups.gathering import by_bucket, by_part
from analytics.rollups.late_notes import late_stretches
from analytics.rollups.months import users_of
from analytics.rollups.stretches import Stretch, within, without
from analytics.rollups.watermarks import FOLDED, marks
from faceitbot.core.errors import InvalidInput

Series = list[tuple[datetime, int]]
GRANULARITIES = {"hourly": Span.HOUR, "daily": Span.DAY, "weekly": Span.WEEK, "monthly": Span.MONTH}


def span_of(granularity: object) -> Span:
    """Give what hourly, daily, weekly or monthly means. Errors: `InvalidInput` for anything else."""
    if not isinstance(granularity, str) or granularity not in GRANULARITIES:
        raise InvalidInput(f"granularity must be one of {', '.join(GRANULARITIES)}", field="granularity")
    return GRANULARITIES[granularity]


@dataclass(frozen=True)
class History:
    """What has been summed up at one moment, and so how each range is to be read. Two queries make it."""

    calendar: Calendar
    marks: Mapping[tuple[str, Span], datetime]
    late: Mapping[str, list[Stretch]]

    @classmethod
    def read(cls) -> "History":
        """Find out what has been summed up, for the calendar of `BOT_TIME_ZONE`."""
        calendar = of_the_bot()
        return cls(calendar, marks(calendar), late_stretches())

    def summed_up_until(self) -> datetime | None:
        """Give the moment up to which all that is declared is summed up; None if something never was."""
        marks = [self.marks.get((name, Span.HOUR)) for name in COUNTS]
        known = [mark for mark in marks if mark is not None]
        return min(known) if len(known) == len(marks) else None

    def series(self, name: str, start: datetime, end: datetime, span: Span) -> Series:
        """Give the value of each bucket that a range reaches into, oldest first, none left out.

        Shape: [(first moment of the bucket, in `BOT_TIME_ZONE`, value)].
        """
        count = count_named(name)
        if count.adding is Adding.USERS and span is not Span.HOUR:
            values = self._users_by(count, start, end, span)
        else:
            cut = self._cover(count, start, end, by_hour=span is Span.HOUR)
            values = by_bucket(count, cut, self.calendar, span)
        return [
            (bucket.astimezone(self.calendar.zone), values.get(bucket, 0))
            for bucket in self.calendar.beginnings(span, start, end)
        ]

    def total(self, name: str, start: datetime, end: datetime) -> int:
        """Give the value of a whole range: its sum, its greatest, or its users, as the count adds up."""
        count = count_named(name)
        if count.adding is Adding.USERS:
            return self.users(start, end)
        values = self.parts(name, start, end).values()
        return max(values, default=0) if count.adding is Adding.MAX else sum(values)

    def parts(self, name: str, start: datetime, end: datetime) -> dict[str, int]:
        """Give the value of each part of a count that has one within a range."""
        count = count_named(name)
        if count.adding is Adding.USERS:
            raise InvalidInput(f"{name} has no parts that could be added up", field="name")
        return by_part(count, self._cover(count, start, end), self.calendar)

    def users(self, start: datetime, end: datetime) -> int:
        """Count whoever was active within a range, each once."""
        return users_of(self.calendar, *self.noted_days(start, end))

    def noted_days(self, start: datetime, end: datetime) -> tuple[list[Stretch], list[Stretch]]:
        """Give of which days in a range it is noted who was active, and of what the hours have to be read."""
        days = self._made(COUNTS[ACTIVE_USERS]).whole(Span.DAY, self.calendar, [(start, end)])
        return days, without([(start, end)], days)

    # ---- Within

    def _cover(self, count: Declared, start: datetime, end: datetime, *, by_hour: bool = False) -> Cover:
        made, folded = self._made(count), self.marks.get((FOLDED, Span.HOUR))
        if count.adding is Adding.USERS and folded:  # by hour, their number is known from sums alone
            made = replace(
                made, late=[(max(first, folded), last) for first, last in made.late if last > folded]
            )
        rows_of_hours = count.source.folded
        return cover(start, end, self.calendar, made, by_hour=by_hour, rows_of_hours=rows_of_hours)

    def _made(self, count: Declared) -> Made:
        until = {span: self.marks.get((count.name, span)) for span in Span}
        return Made(until, self.late.get(count.source.name, []))

    def _users_by(self, count: Declared, start: datetime, end: datetime, span: Span) -> dict[datetime, int]:
        everything = [(start, end)]
        whole = self._made(count).whole(span, self.calendar, everything)
        rest = without(everything, whole)
        if span is Span.DAY:  # a day's users are found in its hours; those of days, in neither
            return by_bucket(count, Cover(whole, [], rest), self.calendar, span)
        rows = RollUp.objects.filter(name=count.name, span=span, zone=self.calendar.name)
        stored = rows.filter(within("start", whole)).values_list("start", "value") if whole else ()
        buckets = [
            (begin, max(begin, first), min(self.calendar.end(span, begin), last))
            for first, last in rest
            for begin in self.calendar.beginnings(span, first, last)
        ]
        return {**dict(stored), **{begin: self.users(first, last) for begin, first, last in buckets}}
