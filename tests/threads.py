"""Threads of tests: each gives its connections back before it ends.

A connection that goes with its thread never comes back to the pool, and those left for the other tests of the
process get fewer: so a test that loses one fails, by name (`conftest.py`).
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.eventually import eventually

P = ParamSpec("P")
R = TypeVar("R")


def giving_back(work: Callable[P, R]) -> Callable[P, R]:
    """Make a function of a thread's work that gives the thread's connections back at the end."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        finally:
            connections.close_all()

    return run


async def in_a_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run in another thread than the event loop's, on a connection of its own."""
    return await asyncio.to_thread(giving_back(work), *args, **kwargs)


def started(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> threading.Thread:
    """Start a thread."""
    thread = threading.Thread(target=giving_back(work), args=args, kwargs=kwargs)
    thread.start()
    return thread


@contextmanager
def held_open(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Iterator[None]:
    """Do something in a transaction of another thread, which commits when the block ends."""
    done, go_on = threading.Event(), threading.Event()

    def transact() -> None:
        with transaction.atomic():
            work(*args, **kwargs)
            done.set()
            assert go_on.wait(20)

    with ThreadPoolExecutor() as pool:
        held = pool.submit(giving_back(transact))
        eventually(lambda: done.is_set() or held.done(), within=20)
        if held.done():
            held.result()  # raises
        try:
            yield
        finally:
            go_on.set()
            held.result()


class Threads:
    """Which threads have opened which connections."""

    def __init__(self) -> None:
        self._openers: dict[BaseDatabaseWrapper, threading.Thread] = {}

    def note(self, connection: BaseDatabaseWrapper, **_sent: Any) -> None:
        """Receive Django's `connection_created`."""
        self._openers[connection] = threading.current_thread()

    def lost(self) -> list[str]:
        """Give the names of threads that have ended with their connections, and give those back."""
        names = []
        for wrapper, thread in list(self._openers.items()):
            if thread.is_alive():  # asked first: it may give its connection back in this moment
                continue
            del self._openers[wrapper]
            if wrapper.connection is not None:
                names.append(thread.name)
                wrapper.inc_thread_sharing()
                wrapper.close()
        return names
