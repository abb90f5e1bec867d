"""Makes the sums that figures are read from."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from analytics.errors import AlreadyRunning
from analytics.moments import moment_of, sensible
from analytics.rollups.calendar import Calendar, of_the_bot
from analytics.rollups.counts import COUNTS
from analytics.rollups.late import make_anew, remake
from analytics.rollups.late_notes import late_hours, take_late
from analytics.rollups.running import Piece, pieces_behind
from analytics.rollups.stretches import Stretch
from analytics.rollups.watermarks import claim, lock_makers, settled
from faceitbot.core.errors import InvalidInput, Unavailable
from faceitbot.core.progress import Advance, Stages
from faceitbot.core.transactions import long_query, transactional

JOB_SECONDS = 6 * 3600.0
STEP_SECONDS = 600.0
WAIT_SECONDS = 60.0  # for whoever adds something late, and for a step of another
BETWEEN_TRIES = 0.05
AT_ONCE = timedelta(days=7)

T = TypeVar("T")


@dataclass
class RollUpReport:
    """What has been done: up to when everything is summed up, and how many hours were made anew."""

    until: datetime
    late_hours: int = 0


class RollUpRepository:
    """Sums over hours and days that are over. Figures are right without them, only slower.

    Concurrency: one step at a time, whoever makes it. Who finds another at it as he begins to catch up
    leaves it to him; a run that has begun waits for its turn. Killed anywhere, the next goes on where it was.
    """

    @long_query(budget_seconds=JOB_SECONDS)
    def update_roll_ups(
        self, until: datetime | None = None, now: datetime | None = None, stages: Stages | None = None
    ) -> RollUpReport:
        """Sum up all that is over and has not been, then make anew what something came late for.

        Repeating it changes nothing. Errors: `AlreadyRunning`, also when a step of another takes longer than
        a minute; `Unavailable` when somebody who adds something late does not come to an end.
        """
        target = settled(moment_of(now))
        if until is not None:
            target = min(target, sensible(until, "until"))
        self._claim_all(target)
        report = RollUpReport(target)
        calendar = of_the_bot()
        todo = list(pieces_behind(calendar, target))
        hours = sum(max(_hours(begin, target), 0) for _piece, begin in todo)
        with (stages or _silent)("roll-ups", hours) as advance:
            self._catch_up(todo, calendar, target, advance)
        # What comes late meanwhile is for the next time, or this one might never end.
        for source, hours in late_hours().items():
            taken = 0
            while taken < hours and (more := _in_turn(partial(self._take_late.blocking, source))):
                taken += more
            report.late_hours += taken
        return report

    @long_query(budget_seconds=JOB_SECONDS)
    def redo_roll_ups(
        self,
        start: datetime,
        end: datetime,
        *,
        replace: bool = False,
        stages: Stages | None = None,
    ) -> None:
        """Make the sums of a range anew, as far as they have been made: each hour, day, week and month that
        it reaches into.

        What rows no longer say stays, for rows are folded and pruned; `replace` lets go of that, too.
        Errors: `InvalidInput` for an end before the start; `AlreadyRunning` when another does not let it have
        its turn for a minute, with the day that it has come to; `Unavailable`.
        """
        first, last = sensible(start, "start"), sensible(end, "end")
        if last < first:
            raise InvalidInput("the end lies before the start", field="end")
        calendar = of_the_bot()
        with (stages or _silent)("roll-ups", _hours(first, last)) as advance:
            begin = first
            while begin < last:
                stretch = begin, min(begin + AT_ONCE, last)
                try:
                    _in_turn(partial(self._redo.blocking, calendar, stretch, replace=replace))
                except AlreadyRunning as error:
                    raise AlreadyRunning(
                        f"{error}; only days before {calendar.day(begin)} are made anew"
                    ) from error
                begin = stretch[1]
                advance(_hours(first, begin))

    # ---- Within

    def _catch_up(
        self, todo: list[tuple[Piece, datetime]], calendar: Calendar, target: datetime, advance: Advance
    ) -> None:
        done = 0
        for piece, begin in todo:
            reached = begin
            while (end := _in_turn(partial(self._advance.blocking, piece, calendar, target))) > reached:
                advance(done + _hours(begin, end))
                reached = end
            done += max(_hours(begin, target), 0)
            advance(done)

    def _claim_all(self, target: datetime) -> None:
        give_up = time.monotonic() + WAIT_SECONDS
        while not self._claim.blocking(target):
            if time.monotonic() > give_up:
                raise Unavailable("somebody adds something late, and does not come to an end")
            time.sleep(BETWEEN_TRIES)

    @transactional()
    def _claim(self, target: datetime) -> bool:
        lock_makers()
        return claim(target)

    @transactional(budget_seconds=STEP_SECONDS)
    def _advance(self, piece: Piece, calendar: Calendar, target: datetime) -> datetime:
        lock_makers()
        return piece.advance(calendar, target)

    @transactional(budget_seconds=STEP_SECONDS)
    def _take_late(self, source: str) -> int:
        lock_makers()
        late = take_late(source)
        make_anew(source, late)
        return len(late)

    @transactional(budget_seconds=STEP_SECONDS)
    def _redo(self, calendar: Calendar, stretch: Stretch, *, replace: bool) -> None:
        lock_makers()
        for count in COUNTS.values():
            remake(count, calendar, [stretch], replace=replace)


def _in_turn(step: Callable[[], T]) -> T:
    """Make a step; wait for that of another, in no transaction. Errors: `AlreadyRunning` after a minute."""
    give_up = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return step()
        except AlreadyRunning:
            if time.monotonic() > give_up:
                raise
        time.sleep(BETWEEN_TRIES)


def _hours(start: datetime, end: datetime) -> int:
    return (end - start) // timedelta(hours=1)


@contextmanager
def _silent(_name: str, _total: int) -> Iterator[Advance]:
    yield lambda _done: None
