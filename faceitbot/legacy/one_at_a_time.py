"""Keeps two imports from running at once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, InterfaceError, connection

from faceitbot.legacy.errors import ImportRunning

# A number that nothing else locks.
_LOCK = int.from_bytes(b"legacy", "big")


@contextmanager
def only_import() -> Iterator[None]:
    """Be the only import on this database.

    A connection of its own holds the lock in a transaction that does nothing else. So the lock goes when
    the process does, however it ends, and it works behind a pooler that shares sessions.
    Errors: `ImportRunning` when another import is at work.
    """
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            (got_it,) = cursor.fetchone()
        if not got_it:
            raise ImportRunning("another import is at work on this database; wait until it ends")
        yield
    finally:
        # Without the connection there is no lock to give back either.
        with suppress(DatabaseError, InterfaceError):
            own.rollback()
        own.close()
