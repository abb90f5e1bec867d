"""How an event loop talks to Redis: redis.asyncio, with concurrent callers' commands sent together.

Sent one by one, the commands of some hundred callers would exhaust the connections of a healthy server.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from redis.asyncio import Connection, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from faceitbot.core.batching import Batcher
from faceitbot.core.cache.configuration import options
from faceitbot.core.cache.entry import Stamps
from faceitbot.core.cache.protocol import Fetch, Run
from faceitbot.core.cache.server import Server
from faceitbot.core.cache.state import ANSWER_SECONDS, CALL_SECONDS, CacheUnavailable
from faceitbot.core.errors import Unavailable

Commands = tuple[tuple[Any, ...], ...]
_LATE_SECONDS = 0.02
_CONNECTIONS = 8  # at most four are in use at once: two batches of each kind


@dataclass(eq=False)
class Flight:
    """A load that is under way, which other readers of its key may join.

    `stamps` are those that it loads under, None as long as they are unknown or past Redis.
    """

    epoch: object
    started: float
    stamps: Stamps | None = None
    task: "asyncio.Task[bytes] | None" = None


class Link:
    """One event loop's connections to one server, and the loads under way in it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.flights: dict[str, Flight] = {}
        self.tasks: set[asyncio.Task[Any]] = set()
        given = options(server.alias)
        pool: ConnectionPool = ConnectionPool.from_url(
            server.location,
            username=given.get("USERNAME"),
            password=given.get("PASSWORD"),
            socket_timeout=CALL_SECONDS,
            socket_connect_timeout=CALL_SECONDS,
            retry=Retry(NoBackoff(), 0),
            max_connections=_CONNECTIONS,
            redis_connect_func=self._greet,
        )
        self._client: Redis = Redis(connection_pool=pool)
        self._fetches: Batcher[tuple[str, ...], list[bytes | None]] = Batcher(
            self._fetch_all, shared_fate=True
        )
        self._runs: Batcher[Commands, Any] = Batcher(self._run_all, shared_fate=True)

    async def ask(self, step: Fetch | Run, seconds: float) -> Any:
        """Do a step of the protocol within the seconds. Errors: `CacheUnavailable`."""
        try:
            # A batch has a timer of its own, and when it fails, so do those who wait behind it.
            async with nullcontext() if seconds >= ANSWER_SECONDS else asyncio.timeout(seconds):
                if isinstance(step, Fetch):
                    return await self._fetches.ask(step.names)
                answer = await self._runs.ask(step.commands)
        except CacheUnavailable:
            raise
        except (TimeoutError, Unavailable) as error:
            raise CacheUnavailable("the time for Redis is used up") from error
        if isinstance(answer, Exception):
            raise self.server.failed(answer) from answer
        return answer

    async def close(self) -> None:
        """Wait for the loads under way, and close the connections."""
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self._client.aclose(close_connection_pool=True)

    async def _fetch_all(self, requests: Sequence[tuple[str, ...]]) -> list[list[bytes | None]]:
        places = {
            name: number for number, name in enumerate(dict.fromkeys(n for names in requests for n in names))
        }
        async with self._failures(len(requests)):
            values = await self._client.execute_command("MGET", *places)
        return [[values[places[name]] for name in names] for names in requests]

    async def _run_all(self, requests: Sequence[Commands]) -> list[Any]:
        """Give each request's last result, or its first error."""
        async with self._failures(len(requests)), self._client.pipeline(transaction=False) as pipeline:
            for commands in requests:
                for command in commands:
                    pipeline.execute_command(*command)
            results = iter(await pipeline.execute(raise_on_error=False))
        answers = []
        for commands in requests:
            own = [next(results) for _command in commands]
            answers.append(next((result for result in own if isinstance(result, Exception)), own[-1]))
        return answers

    @asynccontextmanager
    async def _failures(self, callers: int) -> AsyncIterator[None]:
        """Say that Redis has failed, as many times as it has failed somebody."""
        began = monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                yield
        except (RedisError, OSError) as error:  # TimeoutError is one
            if isinstance(error, TimeoutError) and monotonic() - began > ANSWER_SECONDS + _LATE_SECONDS:
                # The timer fired late, so the loop had no time to see an answer: the keeper shall find out.
                callers = 0
            raise self.server.failed(error, callers) from error

    async def _greet(self, connection: Connection) -> None:
        await connection.on_connect()
        try:
            await connection.send_command("INFO", "server")
            self.server.met(await connection.read_response())
        except ResponseError:
            self.server.met(b"")  # the account may not ask


_links: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Link]] = WeakKeyDictionary()


def link_to(server: Server) -> Link:
    """Give the running loop's link to a server."""
    links = _links.setdefault(asyncio.get_running_loop(), {})
    link = links.get(server.location)
    if link is None:
        link = links[server.location] = Link(server)
    return link


async def close_links() -> None:
    """Close what the running loop has opened."""
    for link in _links.pop(asyncio.get_running_loop(), {}).values():
        await link.close()
