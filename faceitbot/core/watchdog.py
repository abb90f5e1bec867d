"""Cuts a connection whose transaction takes too long.

PostgreSQL's own timeouts do not fire while the server is frozen or the network swallows packets: the
client then waits in a read for ever. Shutting the socket down ends that read with an error.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from psycopg import AsyncConnection, Connection, OperationalError

from faceitbot.core.breaker import Breaker

# Open while the server seems to have stopped answering: several transactions were cut off just now.
silence = Breaker(failures=4, within_seconds=1.0, open_seconds=1.0)


@dataclass(eq=False)
class Guard:
    """One watched transaction; `fired` says whether it was cut."""

    connection: Connection
    expires: float
    fired: bool = field(default=False)


class Watchdog:
    """One thread that looks after all guarded connections; it sleeps while there are none."""

    def __init__(self) -> None:
        self._guards: set[Guard] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def guard(self, connection: Connection, expires: float) -> Iterator[Guard]:
        """Cut the connection if the block is still running at `expires` (monotonic seconds)."""
        guard = Guard(connection, expires)
        with self._changed:
            self._guards.add(guard)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="faceitbot-watchdog", daemon=True)
                self._thread.start()
            elif len(self._guards) == 1:
                self._changed.notify()
        try:
            yield guard
        finally:
            with self._changed:
                self._guards.discard(guard)

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._guards:
                    self._changed.wait()
                now = monotonic()
                expired = [guard for guard in self._guards if guard.expires <= now]
                # All are counted before the first caller learns of it and its thread takes the next call.
                for guard in expired:
                    self._guards.discard(guard)
                    guard.fired = True
                    silence.record_failure()
                for guard in expired:
                    shut_down(guard.connection)
                # New guards expire later than this pause ends, so they need not wake the thread.
                self._changed.wait(timeout=0.25)


def shut_down(connection: Connection | AsyncConnection) -> None:
    """Shut the socket of a connection, so that whoever reads from it gets an error."""
    try:
        descriptor = os.dup(connection.pgconn.socket)
    except (OperationalError, OSError):
        return  # closed already
    with socket.socket(fileno=descriptor) as duplicate:
        try:
            duplicate.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the other side was quicker


watchdog = Watchdog()
