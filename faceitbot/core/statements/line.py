"""How one event loop talks to PostgreSQL: its pool, and what is collected there to run together.

A loop opens its line on the first call of a hot method, and `faceitbot.close()` closes it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

import psycopg
import structlog
from django.conf import settings
from psycopg.pq import TransactionStatus
from psycopg_pool import PoolClosed, TooManyRequests

from faceitbot.core import workers
from faceitbot.core.attempts import MAX_RETRIES, has_time_for, seconds_before
from faceitbot.core.batching import Batcher
from faceitbot.core.database_errors import TRANSIENT, as_django, translate
from faceitbot.core.errors import DatabaseUnavailable, OutcomeUnknown, Unavailable
from faceitbot.core.hot_settings import hot_settings
from faceitbot.core.monitoring import event_loops, queue
from faceitbot.core.monitoring.database import CONFLICT, RECONNECTED, RETRIES
from faceitbot.core.open_transactions import waiting_caller
from faceitbot.core.statements.pool import Connection, has_ended, new_pool
from faceitbot.core.watchdog import shut_down, silence

R = TypeVar("R")
T = TypeVar("T")
Row = tuple[Any, ...]
# Source: PostgreSQL manual, appendix A: feature_not_supported, and the class of connection exceptions.
_CHANGED_PLAN = "0A000"
_CONNECTION_CLASS = "08"
log = structlog.get_logger(__name__)


@dataclass
class _Attempt:
    """What is known about one attempt. Units: `waited` is seconds, for a connection."""

    waited: float = 0.0
    lost: bool = False
    reached_commit: bool = False
    cut: bool = False
    rows: list[Row] = field(default_factory=list)


class _Lost(Exception):
    """The connection was lost while the server may have committed. Never leaves this module."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__()
        self.rows = rows


class Turn:
    """The turn of one batch to write: it begins with the block, and ends with it at the latest."""

    def __init__(self, writers: asyncio.Semaphore) -> None:
        self._writers = writers
        self._is_held = False

    async def __aenter__(self) -> "Turn":
        await self._writers.acquire()
        self._is_held = True
        return self

    async def __aexit__(self, *_raised: object) -> None:
        self.end()

    def end(self) -> None:
        """Let others write."""
        if self._is_held:
            self._is_held = False
            self._writers.release()


class Line:
    """One event loop's connections, batches and counts. Who writes has a `Turn` of its `writers`."""

    def __init__(self) -> None:
        self._pool = new_pool()
        self._opening: asyncio.Future[None] | None = None
        self._drained_at = 0.0
        # One connection is left to those who read, where there are several: a disk that is slow to write
        # holds up every COMMIT, and would hold up them, too.
        self.writers = asyncio.Semaphore(max(settings.STATEMENT_CONNECTIONS - 1, 1))
        self.is_closing = False
        self._shared: dict[Hashable, Any] = {}
        self._tasks: set[asyncio.Future[Any]] = set()

    def shared(self, key: Hashable, make: "Callable[[Line], T]") -> T:
        """Give what belongs to a key in this loop, made on first use."""
        found: T | None = self._shared.get(key)
        if found is None:
            found = self._shared[key] = make(self)
        return found

    def start(self, work: "Callable[[], Awaitable[None]]") -> None:
        """Run something in a task of its own, which `close` waits for."""
        self.wait_for(asyncio.ensure_future(work()))

    def wait_for(self, work: "asyncio.Future[Any]") -> None:
        """Let `close` wait until something is done."""
        self._tasks.add(work)
        work.add_done_callback(self._tasks.discard)

    async def read(
        self,
        name: str,
        sql: str,
        values: Sequence[object] | Mapping[str, object],
        seconds: float | None = None,
    ) -> list[Row]:
        """Give the rows of a statement that changes nothing.

        Units: `seconds` replaces the setting TRANSACTION_BODY_SECONDS.
        Errors: `Unavailable`; those of `database_errors.translate`; a Django error that is a bug.
        """

        async def work(connection: Connection, _attempt: _Attempt) -> list[Row]:
            cursor = await connection.execute(sql, values, binary=True)
            return await cursor.fetchall()

        return await self._run(name, work, seconds)

    async def write(
        self,
        name: str,
        sql: str,
        values: Mapping[str, object],
        *,
        unknown: Callable[[list[Row]], Awaitable[None]] | None = None,
    ) -> list[Row]:
        """Give the rows of a statement that is a transaction of its own.

        Where somebody has to know the rows of an unknown outcome, COMMIT is a command of its own: when the
        connection is lost during it, `unknown` is awaited with the rows. Otherwise the server commits with
        the statement, in one round trip instead of three, and a connection that is lost meanwhile leaves an
        unknown outcome, unless the server has said that it failed.
        Errors: as `read`; `OutcomeUnknown`.
        """

        async def in_three_steps(connection: Connection, attempt: _Attempt) -> list[Row]:
            async with connection.transaction():
                cursor = await connection.execute(sql, values, binary=True)
                attempt.rows = await cursor.fetchall()
                attempt.reached_commit = True
            return attempt.rows

        async def at_once(connection: Connection, attempt: _Attempt) -> list[Row]:
            attempt.reached_commit = True
            try:
                cursor = await connection.execute(sql, values, binary=True)
            except psycopg.Error as error:
                # A proxy in between tells of its own connection in class 08, and not of what the server did.
                state = error.sqlstate or _CONNECTION_CLASS
                attempt.reached_commit = state.startswith(_CONNECTION_CLASS)
                raise
            return await _readable_rows(cursor)

        try:
            return await self._run(name, at_once if unknown is None else in_three_steps)
        except _Lost as lost:
            if unknown is not None:
                try:
                    await unknown(lost.rows)
                except Exception:  # callers must learn that the outcome is unknown, whatever else fails
                    log.exception("unknown.untold", call=name)
            raise OutcomeUnknown("the connection was lost during COMMIT", call=name) from lost.__cause__

    async def close(self) -> None:
        """Refuse what comes, wait for what is under way, and close the connections."""
        self.is_closing = True
        for shared in self._shared.values():
            if isinstance(shared, Batcher):
                await shared.drain()
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._pool.close()

    async def _run(
        self,
        name: str,
        work: Callable[[Connection, _Attempt], Awaitable[R]],
        seconds: float | None = None,
    ) -> R:
        """Run it on a connection; again where that is safe, as `attempts.run` does for a body."""
        retries, replaced = 0, False
        expires = monotonic() + (seconds or hot_settings.TRANSACTION_BODY_SECONDS)
        while True:
            attempt = _Attempt()
            try:
                return await self._attempt(name, work, attempt, expires)
            except psycopg.Error as error:
                expires += attempt.waited
                state = error.sqlstate or ""
                if state in TRANSIENT and retries < MAX_RETRIES and has_time_for(state, expires):
                    retries += 1
                    RETRIES.labels(CONFLICT).inc()
                    await asyncio.sleep(seconds_before(retries))
                    continue
                if attempt.lost and attempt.reached_commit:
                    raise _Lost(attempt.rows) from error
                if (attempt.lost or state == _CHANGED_PLAN) and not attempt.cut and not replaced:
                    replaced = True
                    RETRIES.labels(RECONNECTED).inc()
                    await self._replace_connections()
                    continue
                raise _known(error, attempt) from error

    async def _attempt(
        self,
        name: str,
        work: Callable[[Connection, _Attempt], Awaitable[R]],
        attempt: _Attempt,
        expires: float,
    ) -> R:
        if silence.is_open():
            raise DatabaseUnavailable("the database has stopped answering", call=name)
        loop, began = asyncio.get_running_loop(), monotonic()
        connection = await self._healthy_connection()
        # Where connections are scarce, that is not the server's silence: its own timeouts shall fire first.
        now = monotonic()
        attempt.waited = now - began
        cutting = loop.call_later(expires + attempt.waited - now, _cut, connection, attempt)
        try:
            return await work(connection, attempt)
        finally:
            cutting.cancel()
            attempt.lost = connection.closed
            await self._pool.putconn(connection)

    async def _healthy_connection(self) -> Connection:
        """Give a connection that the server has not closed already; after its restart all are."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._pool.open())
        if not self._opening.done():
            await asyncio.shield(self._opening)
        connection = await self._pool.getconn()
        while has_ended(connection):
            await self._pool.putconn(connection)
            await self._replace_connections()
            connection = await self._pool.getconn()
        return connection

    async def _replace_connections(self) -> None:
        """Replace the idle connections, at most once a second."""
        if monotonic() - self._drained_at > 1:
            self._drained_at = monotonic()
            await self._pool.drain()


async def _readable_rows(cursor: psycopg.AsyncCursor[Row]) -> list[Row]:
    """Give the rows of a statement that has committed, but those with a value that Python has nothing for,
    such as a moment of the year 10000: one of them must not make all others look undone.
    """
    try:
        return await cursor.fetchall()
    except psycopg.DataError:
        rows = []
        for number in range(cursor.rowcount):
            await cursor.scroll(number, mode="absolute")
            with suppress(psycopg.DataError):
                rows.append(await cursor.fetchone())
        return [row for row in rows if row is not None]


def _cut(connection: Connection, attempt: _Attempt) -> None:
    """End the wait for a server that does not answer: its own timeouts do not fire while it is frozen."""
    if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
        attempt.cut = True
        silence.record_failure()
    shut_down(connection)


def _known(error: psycopg.Error, attempt: _Attempt) -> Exception:
    """Give what to raise for an error of psycopg."""
    if isinstance(error, TooManyRequests):
        return Unavailable("too many statements wait for a connection", reason="queue_full")
    if isinstance(error, PoolClosed):
        return queue.shutting_down()
    known = as_django(error)
    if attempt.lost:
        return DatabaseUnavailable("the connection was lost", sqlstate=error.sqlstate or "")
    return translate(known) or known


_lines: dict[asyncio.AbstractEventLoop, Line] = {}


def line_of_loop() -> Line | None:
    """Give the running loop's line; None where statements run on a worker's thread.

    That is where the setting says so, in tests that roll back, and in a loop that a synchronous caller waits
    for: it ends with that call.
    """
    loop = asyncio.get_running_loop()
    found = _lines.get(loop)
    if not hot_settings.STATEMENT_CONNECTIONS or workers.workers().bound or waiting_caller() is not None:
        return None
    if found is not None and found.is_closing:
        raise queue.shutting_down()
    if found is None:
        # A loop that has ended without `close` never asks again; its connections are dropped here.
        for ended in [each for each in [*_lines] if each.is_closed()]:
            _lines.pop(ended, None)
        found = _lines[loop] = Line()
        event_loops.watch.notice(loop)
    return found


async def close_line() -> None:
    """Close what the running loop has opened."""
    loop = asyncio.get_running_loop()
    line = _lines.get(loop)
    if line is not None:
        try:
            await line.close()
        finally:
            _lines.pop(loop, None)
