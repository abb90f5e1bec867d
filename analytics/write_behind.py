"""Writes rows a little later, in batches, by a thread of its own: who has a row to write never waits.

The rows wait in memory, and only so many of them. What does not fit is dropped and counted, and so is what
the database does not take before the process has to end, and a batch that fails as nobody foresaw; a row
of its own tells of it once rows are written again. A batch that may have been written already is given to
`write` again as it is: `write` must see that.
"""

import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Generic, TypeVar

import structlog

from faceitbot.core.errors import Unavailable

R = TypeVar("R")

BATCH = 1_000  # more at once hold up the event loop of the same process
PAUSE_SECONDS = 0.1
RETRY_SECONDS = 0.5
DRAIN_SECONDS = 5.0
_LAST_WRITE_SECONDS = 10.0  # which a write that has begun takes at most, against a frozen server
log = structlog.get_logger(__name__)


class WriteBehind(Generic[R]):
    """Rows of one kind that wait to be written.

    `write` writes a batch whole or not at all. When rows are lost, `note_lost` is told at once how many, and
    why; `tell_of_loss` makes the row that says so once rows are written again. A forked process begins with
    none: what waits is written by the process that it was put in.
    """

    def __init__(
        self,
        write: Callable[[Sequence[R]], object],
        tell_of_loss: Callable[[str, int], R],
        most_waiting: int,
        note_lost: Callable[[str, int], object],
    ) -> None:
        self._write = write
        self._tell_of_loss = tell_of_loss
        self._note_lost = note_lost
        self._most_waiting = most_waiting
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._waiting: deque[R] = deque()
        self._untold: Counter[str] = Counter()
        self._telling: Counter[str] = Counter()  # of these the batch in hand tells
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._drain_until: float | None = None

    def put(self, row: R) -> None:
        """Have a row written within 100 ms or so; drop and count it when too many wait."""
        with self._changed:
            waiting = len(self._waiting)
            if waiting >= self._most_waiting:
                self._untold["overload"] += 1
                self._note_lost("overload", 1)
                return
            self._waiting.append(row)
            if self._has_no_thread:
                self._start()
            elif waiting in (0, BATCH - 1):
                self._changed.notify_all()

    def drain(self) -> None:
        """Write what waits, and wait for that, but no longer than `DRAIN_SECONDS` and the write under way."""
        with self._changed:
            if self._waiting and self._has_no_thread:
                self._start()
            thread = self._thread
            if thread is None:
                return
            self._drain_until = monotonic() + DRAIN_SECONDS
            self._changed.notify_all()
        thread.join(DRAIN_SECONDS + _LAST_WRITE_SECONDS)
        with self._changed:
            self._drain_until = None

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="faceitbot-metrics", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while batch := self._next_batch():
            self._write_or_lose(batch)

    def _next_batch(self) -> list[R]:
        """Wait until there is a batch, or time has passed since its first row; none ends the thread."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._untold or self._drains)
            if not self._waiting and not self._untold:
                self._thread = None
                return []
            self._changed.wait_for(lambda: len(self._waiting) >= BATCH or self._drains, PAUSE_SECONDS)
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
            self._telling, self._untold = self._untold, Counter()
        return [*batch, *(self._tell_of_loss(reason, number) for reason, number in self._telling.items())]

    def _write_or_lose(self, batch: Sequence[R]) -> None:
        waits = False
        while True:
            try:
                self._write(batch)
            except Unavailable as error:
                if error.code == "disk_full" or self._time_is_up:
                    self._lose(batch)
                    return
                if not waits:
                    log.warning("metrics.wait", message=str(error))
                    waits = True
                self._pause()
            except Exception:  # the thread goes on with the rows behind it, whatever this was
                log.exception("metrics.refused")
                self._lose(batch)
                return
            else:
                for reason, number in self._telling.items():
                    log.warning("metrics.lost", reason=reason, number=number)
                return

    def _lose(self, batch: Sequence[R]) -> None:
        """Count a batch as lost; when the process has to end, what waits behind it, too."""
        with self._changed:
            now_lost = len(batch) - len(self._telling) + (len(self._waiting) if self._time_is_up else 0)
            self._note_lost("database", now_lost)
            lost = self._untold + self._telling + Counter(database=now_lost)
            if self._time_is_up:
                self._waiting.clear()
                self._untold = Counter()
                log.warning("metrics.lost_at_the_end", **lost)
                return
            self._untold = lost
        self._pause()

    def _pause(self) -> None:
        """Let the database rest, unless the process is to end from now on."""
        with self._changed:
            drained = self._drain_until
            self._changed.wait_for(lambda: self._drain_until != drained, RETRY_SECONDS)

    @property
    def _has_no_thread(self) -> bool:
        return self._thread is None or not self._thread.is_alive()

    @property
    def _drains(self) -> bool:
        return self._drain_until is not None

    @property
    def _time_is_up(self) -> bool:
        return self._drain_until is not None and monotonic() >= self._drain_until
