"""The bounded queue and the threads that run synchronous bodies for the event loop.

There are no more threads than pooled connections, so a running body never waits for one. Callers wait in
front of the threads, up to their deadline.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from faceitbot.core.monitoring import event_loops, queue

R = TypeVar("R")


class Workers:
    """Threads with a bounded queue; each gives its connection back after every body."""

    bound = False

    def __init__(
        self, threads: int, queue_size: int, prepare_thread: Callable[[], None] | None = None
    ) -> None:
        self._executor = ThreadPoolExecutor(threads, "faceitbot-transaction", prepare_thread)
        self._threads, self._capacity = threads, threads + queue_size
        self.in_flight = 0
        self._lock = threading.Lock()

    def submit(self, body: Callable[[], R]) -> Future[R]:
        """Queue a body under the caller's context, or refuse it at once when the queue is full."""
        with self._lock:
            # Those whose callers have gone are in the executor's queue until a thread comes to them.
            if max(self.in_flight, self._executor._work_queue.qsize()) >= self._capacity:  # noqa: SLF001
                raise queue.queue_full(self._capacity - self._threads)
            self.in_flight += 1
        try:
            future = self._executor.submit(copy_context().run, self._run, body)
        except RuntimeError as error:
            self._release()
            raise queue.shutting_down() from error
        future.add_done_callback(self._release)
        return future

    def shutdown(self) -> None:
        """Cancel what waits, and wait for what runs."""
        self._executor.shutdown(cancel_futures=True)

    def _release(self, _future: Future[Any] | None = None) -> None:
        with self._lock:
            self.in_flight -= 1

    def _run(self, body: Callable[[], R]) -> R:
        try:
            return body()
        finally:
            # Nobody sends request_finished in these threads.
            connections.close_all()


class BoundWorkers(Workers):
    """One thread on a connection that is lent to it, so that a test's transaction is seen and rolled back."""

    bound = True

    def __init__(self, alias: str, lent: BaseDatabaseWrapper) -> None:
        super().__init__(1, 10_000, lambda: connections.__setitem__(alias, lent))

    def _run(self, body: Callable[[], R]) -> R:
        return body()


_lock = threading.Lock()
_current: Workers | None = None


def workers() -> Workers:
    """Give the process's threads, made on first use."""
    global _current  # noqa: PLW0603 - one pool for each process
    there = _current
    if there is not None:
        return there
    with _lock:
        if _current is None:
            _current = Workers(settings.TRANSACTION_THREADS, settings.TRANSACTION_QUEUE_SIZE)
        return _current


def replace_workers(new: Workers | None) -> Workers | None:
    """Put another pool in place, or none; give the one that was there."""
    global _current
    with _lock:
        old, _current = _current, new
        return old


@contextmanager
def on_this_connection(alias: str = "default") -> Iterator[None]:
    """Run every body on the calling thread's own connection: for tests that roll back."""
    lent = connections[alias]
    lent.inc_thread_sharing()
    replaced = replace_workers(BoundWorkers(alias, lent))
    try:
        yield
    finally:
        bound = replace_workers(replaced)
        if bound is not None:
            bound.shutdown()
        lent.dec_thread_sharing()


async def hop(body: Callable[[], R]) -> R:
    """Run a body in one of the threads and wait for it.

    Errors: `Unavailable` when the queue is full or no thread was free before the deadline; the body has
    then not run and never will. A body that has begun is always waited for.
    Concurrency: cancelling the caller does not stop a body that has begun; its outcome is unknown.
    """
    seconds = settings.TRANSACTION_DEADLINE_SECONDS
    event_loops.watch.notice(asyncio.get_running_loop())
    with queue.Waiting():
        return await _wait(workers().submit(body), seconds)


async def _wait(future: Future[R], seconds: float) -> R:
    waiter = asyncio.wrap_future(future)
    try:
        done, _pending = await asyncio.wait((waiter,), timeout=seconds)
        if not done and future.cancel():
            raise queue.too_late(seconds)
        if future.cancelled():
            raise queue.shutting_down()
        return await waiter
    except asyncio.CancelledError:
        waiter.cancel()
        raise
