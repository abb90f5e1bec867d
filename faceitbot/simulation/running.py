"""Lets a simulation happen: a past as fast as it goes, or the present at a rate."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from threading import BoundedSemaphore, Lock

from django.db import transaction

from faceitbot.core.errors import FaceitBotError, Unavailable
from faceitbot.core.observability import gathered
from faceitbot.core.progress import Advance, Stages
from faceitbot.core.workers import workers
from faceitbot.simulation import ownership, stars
from faceitbot.simulation.acting import Bot
from faceitbot.simulation.events import Event, Kind
from faceitbot.simulation.history import DAY, Plan, days
from faceitbot.simulation.metrics import PastMetrics

UNAVAILABLE_IN_A_ROW = 50  # then the database is not just restarting
SECONDS_BETWEEN_JOBS = 60
AT_ONCE = 100  # events, that are done one by one if any of them is refused


@dataclass
class Summary:
    """What has been done, by kind; what there was nothing to do for, or was refused; and what failed."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    begun: float = field(default_factory=time.monotonic)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has happened at all."""
        return not (self.done or self.refused or self.failed)

    def lines(self) -> Iterator[str]:
        """Say it."""
        seconds = max(time.monotonic() - self.begun, 0.001)
        number = self.done.total()
        yield f"{number} events in {seconds:.1f} s, {number / seconds:.1f} a second."
        for words, counts in (("done", self.done), ("refused", self.refused), ("failed", self.failed)):
            if counts:
                yield f"{words}: " + ", ".join(f"{many} {what}" for what, many in sorted(counts.items()))


def fill(plan: Plan, bot: Bot, summary: Summary, stages: Stages) -> None:
    """Let a past happen, each day in one transaction; a past that was begun goes on where it stopped."""
    done = ownership.days_filled()
    with stages(f"{plan.days} days of history", plan.days) as advance:
        for number, events in enumerate(days(plan)):
            if number >= done:
                with transaction.atomic():
                    _one_day(plan, number, events, bot)
                    ownership.note_day(number + 1)
                summary.done.update(event.kind.value for event in events)
            advance(number + 1)
    ownership.finish()


def _one_day(plan: Plan, number: int, events: Sequence[Event], bot: Bot) -> None:
    doing = [event for event in events if event.kind != Kind.VISIT]
    end = plan.start + (number + 1) * DAY
    metrics = PastMetrics(end)
    with gathered(metrics.take):
        for first in range(0, len(doing), AT_ONCE):
            bot.perform_all(doing[first : first + AT_ONCE], metrics)
        bot.count_requests(events)
        metrics.moment = end
        bot.end_day(end)
    metrics.write()


class Load:
    """Performs events on the threads of the repositories, so many at once, at a rate.

    Units: `rate` is events a second, None for as many as there can be. One at a time keeps their order.
    """

    def __init__(self, bot: Bot, summary: Summary, *, tasks: int, rate: float | None) -> None:
        self._bot, self._summary = bot, summary
        self._tasks, self._rate = tasks, rate
        self._free = BoundedSemaphore(tasks)
        self._lock = Lock()
        self._unavailable = 0

    def run(
        self, events: Iterator[Event], advance: Advance, *, count: int | None, seconds: float | None
    ) -> None:
        """Go on until so many events were performed, or for so long; for ever without either.

        `advance` is told how many there were, or how many seconds have passed if there is no `count`.
        Errors: `Unavailable` when the database stays away.
        """
        begun = worked = time.monotonic()
        number = 0
        try:
            while count is None or number < count:
                passed = time.monotonic() - begun
                if seconds is not None and passed >= seconds:
                    break
                self._pace(begun, number, seconds)
                if time.monotonic() - worked >= SECONDS_BETWEEN_JOBS:
                    worked = time.monotonic()
                    self._start(self._work, "jobs")
                event = next(events)
                self._start(partial(self._bot.perform, event), event.kind.value)
                number += 1
                advance(number if count is not None else int(passed))
                if self._unavailable >= UNAVAILABLE_IN_A_ROW:
                    raise Unavailable("the database does not come back")
        finally:
            self._wait()

    def _work(self) -> None:
        self._bot.end_day()
        stars.read_list()

    def _pace(self, begun: float, number: int, seconds: float | None) -> None:
        if self._rate is not None:
            due = begun + number / self._rate
            if seconds is not None:
                due = min(due, begun + seconds)
            time.sleep(max(0.0, due - time.monotonic()))

    def _start(self, body: Callable[[], bool | None], what: str) -> None:
        self._free.acquire()
        future = workers().submit(body)
        future.add_done_callback(partial(self._ended, what))

    def _ended(self, what: str, future: Future[bool | None]) -> None:
        try:
            with self._lock:
                self._count(what, future)
        finally:
            self._free.release()

    def _count(self, what: str, future: Future[bool | None]) -> None:
        error = future.exception()
        self._unavailable = self._unavailable + 1 if isinstance(error, Unavailable) else 0
        if error is None:
            (self._summary.refused if future.result() is False else self._summary.done)[what] += 1
        elif isinstance(error, FaceitBotError):
            self._summary.failed[f"{what} ({error.code})"] += 1
        else:
            self._summary.failed[f"{what} ({type(error).__name__})"] += 1

    def _wait(self) -> None:
        """Let what has begun end."""
        for _task in range(self._tasks):
            self._free.acquire()
