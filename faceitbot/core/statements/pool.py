"""The connections of one event loop.

psycopg's own pool, whose connections commit each statement, prepare what is run often, and give rows in
binary. They are few: calls that come together share a statement.
"""

import asyncio
from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import AsyncConnection, OperationalError, adapters
from psycopg.adapt import AdaptersMap, Loader
from psycopg.types.string import ByteaBinaryLoader
from psycopg_pool import AsyncConnectionPool
from psycopg_pool.pool_async import StopWorker

from faceitbot.core.watchdog import shut_down

Connection = AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool[Connection]
_CANCEL_SECONDS = 0.5


class _JsonText(Loader):
    """Gives JSON as it is written: the fields of the models read it."""

    def load(self, data: Any) -> bytes:
        return bytes(data)


class _Leaving(AsyncConnection[Any]):
    """A connection whose caller may go: what he asks for is cancelled in a moment, or it is given up.

    The library's own waits for five seconds, and as long again, for a server that does not answer.
    """

    async def _try_cancel(self, *, timeout: float = _CANCEL_SECONDS) -> None:  # noqa: ASYNC109 - its name
        try:
            await self.cancel_safe(timeout=min(timeout, _CANCEL_SECONDS))
        except Exception:  # noqa: BLE001 - whatever it is, nobody waits for this connection any more
            shut_down(self)


class _EndingPool(AsyncConnectionPool[Connection]):
    """A pool whose workers end when they are cancelled, as those of a loop are that ends without `close`.

    The library's own take that for a failure of what they have in hand, and wait for ever.
    """

    @classmethod
    async def worker(cls, q: Any) -> None:
        own = asyncio.current_task()
        while not isinstance(task := await q.get(), StopWorker):
            with suppress(Exception):  # whoever waits for a connection is told by his own timeout
                await task.run()
            if own is not None and own.cancelling():
                raise asyncio.CancelledError


def new_pool() -> Pool:
    """Give a pool that has to be opened in the event loop that uses it."""
    given = cast("DatabaseWrapper", connection).get_connection_params()
    given.pop("cursor_factory", None)
    context = AdaptersMap(adapters)
    context.register_loader("jsonb", _JsonText)
    # As it is, with the number of its format in front, for that is the library's own, compiled loader.
    context.register_loader("jsonb", ByteaBinaryLoader)
    return _EndingPool(
        kwargs={
            **given,
            "context": context,
            "autocommit": True,
            "prepare_threshold": (not settings.DATABASE_PGBOUNCER and settings.STATEMENT_PREPARE_AFTER)
            or None,
        },
        connection_class=cast("type[Connection]", _Leaving),
        open=False,
        name="faceitbot-statements",
        min_size=1,
        max_size=settings.STATEMENT_CONNECTIONS,
        max_waiting=settings.TRANSACTION_QUEUE_SIZE,
        timeout=settings.DATABASE_CONNECT_SECONDS,
        # An attempt that is given up makes room for one at once, by whoever comes next.
        reconnect_timeout=settings.DATABASE_CONNECT_SECONDS,
        configure=_configure,
    )


async def _configure(made: Connection) -> None:
    """Have moments read as UTC, whatever stands in the server's or the pooler's configuration."""
    if made.info.parameter_status("TimeZone") != "UTC":
        await made.execute("SET TIME ZONE 'UTC'")


def has_ended(idle: Connection) -> bool:
    """Say whether the server has closed a connection, as far as that has arrived; it is not asked."""
    try:
        idle.pgconn.consume_input()
    except OperationalError:
        return True
    return False
