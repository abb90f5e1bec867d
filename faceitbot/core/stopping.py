"""Ends work in another thread that nobody wants any more: what has taken too long, or stands in the way.

Work is made of repository methods. The one that runs loses its statement, none begins after it; what has been
committed stays. A thread that only computes is not reached.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from django.db import connections
from psycopg import Error

from faceitbot.core.errors import FaceitBotError

CANCEL_SECONDS = 1.0


class Stopped(FaceitBotError):
    """The work was asked to end, by somebody else than its caller."""

    code = "stopped"


class Stop:
    """The wish that some work ends. It runs `inside`; `ask` may be called from any thread, repeatedly."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._lock = threading.Lock()
        self._connection: object = None

    def ask(self) -> None:
        """Have the work end, and cancel the statement that it waits for."""
        self.asked.set()
        # Under the lock, for a connection that went back to the pool may be somebody else's by now.
        with self._lock:
            raw = getattr(self._connection, "connection", None)
            if raw is not None:
                with suppress(Error, OSError):  # too late, or the server does not answer either
                    raw.cancel_safe(timeout=CANCEL_SECONDS)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Do work in this thread that can be asked to end; its connections go back at the end."""
        token = _current.set(self)
        with self._lock:
            self._connection = connections["default"]
        try:
            yield
        finally:
            with self._lock:
                self._connection = None
            _current.reset(token)
            connections.close_all()


_current: ContextVar[Stop | None] = ContextVar("faceitbot_stop", default=None)


def refuse_when_stopped(call: str) -> None:
    """Let nothing begin that is part of stopped work. Errors: `Stopped`."""
    stop = _current.get()
    if stop is not None and stop.asked.is_set():
        raise Stopped("the work was asked to end", call=call)
