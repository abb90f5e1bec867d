"""Ticks while somebody watches, and hands each snapshot to all viewers."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from faceitbot.live.snapshots import TICK_SECONDS, Snapshot, snapshots

log = structlog.get_logger(__name__)


class Feed:
    """The snapshots of one process. Concurrency: of one event loop at a time."""

    def __init__(self, take: Callable[[], Snapshot]) -> None:
        self._take = take
        self._viewers = 0
        self._newest: Snapshot | None = None
        self._ticked = asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Have it tick at least for as long as this lasts."""
        self._viewers += 1
        if self._ticking is None or self._ticking.done():  # a fault of ours has ended it
            self._ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            self._viewers -= 1
            if not self._viewers:
                self._ticking.cancel()
                self._ticking = self._newest = None

    async def newer_than(self, shown: Snapshot | None) -> Snapshot:
        """Give the newest snapshot, as soon as it is another one; those between are left out."""
        while self._newest is None or self._newest is shown:
            await self._ticked.wait()
        return self._newest

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                self._newest = await asyncio.to_thread(self._take)
            except Exception:  # whatever it is, all who watch wait for the next one
                log.exception("live.failed")
            self._ticked.set()
            self._ticked = asyncio.Event()
            await asyncio.sleep(max(began + TICK_SECONDS - loop.time(), 0.0))


feed = Feed(snapshots.current_of_a_tick)
