"""How late an event loop is: how long something waits that is to run at once.

A thread asks twice a second (`faceitbot.core.monitoring.watching`), so a loop that stands still is seen while
it does.
"""

import asyncio
import threading
from collections import deque
from time import monotonic

from prometheus_client import Gauge

WINDOW_SECONDS = 15.0  # the worst of which counts: as long as Prometheus usually waits between two looks


class LoopWatch:
    """The event loop that this process uses, and its lateness. One is enough: a process has one."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked_at: float | None = None
        self._lags: deque[tuple[float, float]] = deque()
        self._lock = threading.Lock()

    def notice(self, loop: asyncio.AbstractEventLoop) -> None:
        """Watch this loop from now on."""
        if loop is not self._loop:
            with self._lock:
                self._loop, self._asked_at = loop, None
                self._lags.clear()

    def ask(self) -> None:
        """Ask the loop to answer, unless it still owes an answer."""
        with self._lock:
            self._forget_closed()
            loop = self._loop
            if loop is None or self._asked_at is not None:
                return
            self._asked_at = asked = monotonic()
        try:
            loop.call_soon_threadsafe(self._answer, loop, asked)
        except RuntimeError:  # it is closed
            with self._lock:
                if self._loop is loop:
                    self._loop = self._asked_at = None

    def lag(self) -> float:
        """Give the worst lateness of the last seconds."""
        with self._lock:
            self._forget_closed()
            now = monotonic()
            while self._lags and now - self._lags[0][0] > WINDOW_SECONDS:
                self._lags.popleft()
            waits = now - self._asked_at if self._asked_at is not None else 0.0
            return max([waits, *(lag for _at, lag in self._lags)])

    def _forget_closed(self) -> None:
        """Wait for no answer that never comes."""
        if self._loop is not None and self._loop.is_closed():
            self._loop = self._asked_at = None

    def _answer(self, loop: asyncio.AbstractEventLoop, asked: float) -> None:
        with self._lock:
            if self._loop is loop:
                now = monotonic()
                self._lags.append((now, now - asked))
                self._asked_at = None


watch = LoopWatch()
LAG = Gauge(
    "faceitbot_event_loop_lag_seconds", "The worst lateness of the event loop within the last 15 seconds."
)
LAG.set_function(watch.lag)
