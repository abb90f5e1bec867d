"""A thread that looks after one server: moves stamps that are in doubt, reports counters.

While anything is in doubt it tries four times a second. Its success says that Redis is back: nobody's call
waits to find that out.
"""

import atexit
import os
import threading
from collections.abc import Mapping

import structlog
from redis.exceptions import RedisError

from faceitbot.core.cache import reports
from faceitbot.core.cache.counters import Counters
from faceitbot.core.cache.server import Server

RETRY_SECONDS = 0.25
REPORT_SECONDS = 5.0
log = structlog.get_logger(__name__)


class Keeper:
    """Looks after a server until the process ends or `close` is called."""

    def __init__(self, server: Server, counters: Mapping[str, Counters]) -> None:
        self.server = server
        self._counters = counters
        self._closing = threading.Event()
        self._process = os.getpid()
        self._runs = True
        self._thread = threading.Thread(target=self._run, name="faceitbot-cache-keeper", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def is_alive(self) -> bool:
        """Say whether its thread runs; in a forked process it does not. Ten times as fast as to ask that."""
        return self._runs and self._process == os.getpid()

    def close(self) -> None:
        """Try a last time to move what is in doubt, and report."""
        if self._closing.is_set() or self._process != os.getpid():
            return  # a forked process has nothing of its own to tell
        self._closing.set()
        atexit.unregister(self.close)
        self.server.state.wake()
        if self._thread.is_alive():
            self._thread.join()
        if self.server.state.doubts.pending():
            self._tend()
        self._report()

    def _run(self) -> None:
        try:
            self._watch()
        finally:
            self._runs = False

    def _watch(self) -> None:
        state = self.server.state
        while not self._closing.is_set():
            if state.answers and not state.doubts.pending():
                woken = state.woken.wait(REPORT_SECONDS)
            else:
                woken = not self._closing.wait(RETRY_SECONDS)
            state.woken.clear()
            if self._closing.is_set():
                return
            if woken:
                self._tend()
            state.shelf.tidy()
            self._report()

    def _tend(self) -> None:
        """Move what is in doubt, or see whether Redis is back."""
        state = self.server.state
        pending = state.doubts.pending()
        try:
            self.server.run(((("DEL", *pending) if pending else ("PING",)),))
        except (RedisError, OSError) as error:
            if state.answers:
                log.warning("cache.away", error=type(error).__name__, message=str(error))
            state.answers = False
            return
        state.doubts.settle(pending)
        if not state.answers:
            log.warning("cache.back", moved=len(pending))
        state.answers = True

    def _report(self) -> None:
        if not self.server.state.is_usable():
            return
        try:
            reports.send(self.server.client, self._counters)
        except (RedisError, OSError) as error:
            log.warning("cache.report_failed", error=type(error).__name__, message=str(error))
