"""How an event loop talks to Redis: redis.asyncio, with concurrent callers' commands sent together.

Sent one by one, the commands of some hundred callers would exhaust the connections of a healthy server.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from time import monotonic
from typing import Any

from django.conf import settings
from redis.asyncio import Connection, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import InvalidResponse, RedisError, ResponseError

from faceitbot.core.batching import Batcher
from faceitbot.core.cache.configuration import options
from faceitbot.core.cache.flights import Flights
from faceitbot.core.cache.protocol import Fetch, Loaded, Run, RunEach
from faceitbot.core.cache.server import Server, checked
from faceitbot.core.cache.state import ANSWER_SECONDS, CALL_SECONDS, CacheUnavailable
from faceitbot.core.errors import Unavailable
from faceitbot.core.statements.ways import count_batch

_LATE_SECONDS = 0.02
_LARGEST_FETCH = 800  # names of one MGET, four for each value: all of them are read in one turn of the loop
_LARGEST_RUNS = 250  # runs of one pipeline, some commands each; a request may be about a whole team
_CONNECTIONS = 8  # at most four are in use at once: two batches of each kind


class Link:
    """One event loop's connections to one server, and the loads under way in it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.flights: Flights[asyncio.Task[Loaded]] = Flights(server.state)
        self.tasks: set[asyncio.Task[Any]] = set()
        self.sharing = 0  # callers who wait for others' loads
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
            self._fetch_all,
            waiting=settings.TRANSACTION_QUEUE_SIZE,
            largest=_LARGEST_FETCH,
            weight=len,
            patience=CALL_SECONDS,
            is_everybodys=_always,
        )
        self._runs: Batcher[tuple[Run, ...], list[Any]] = Batcher(
            self._run_all,
            waiting=settings.TRANSACTION_QUEUE_SIZE,
            largest=_LARGEST_RUNS,
            weight=len,
            patience=CALL_SECONDS,
            is_everybodys=_always,
        )

    async def ask(self, step: Fetch | Run | RunEach, seconds: float) -> Any:
        """Do a step of the protocol within the seconds. Errors: `CacheUnavailable`.

        Who waits is refused in time; a server that answers, but slowly, may add what a batch under way takes.
        """
        try:
            # A batch has a timer of its own. When it fails, so do those who wait behind it, and one timer is
            # there for all who wait: one for each caller would cost all of them.
            async with nullcontext() if seconds >= ANSWER_SECONDS else asyncio.timeout(seconds):
                if isinstance(step, Fetch):
                    return await self._fetches.ask(step.names)
                runs = step.runs if isinstance(step, RunEach) else (step,)
                answers = await self._runs.ask(runs)
        except CacheUnavailable:
            raise
        except (TimeoutError, Unavailable) as error:
            raise CacheUnavailable("the time for Redis is used up") from error
        for answer in answers:
            if isinstance(answer, Exception):
                raise self.server.failed(answer) from answer
        return answers if isinstance(step, RunEach) else answers[0]

    async def settle(self) -> None:
        """Wait for the steps and the loads under way, and for what comes of them."""
        while self.tasks or self._fetches.is_busy or self._runs.is_busy:
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await self._fetches.drain()
            await self._runs.drain()

    async def close(self) -> None:
        """Wait for what is under way, and close the connections."""
        await self.settle()
        await self._client.aclose(close_connection_pool=True)

    async def _fetch_all(self, requests: Sequence[tuple[str, ...]]) -> list[list[bytes | None]]:
        count_batch("cache.read", len(requests))
        places = {
            name: number for number, name in enumerate(dict.fromkeys(n for names in requests for n in names))
        }
        async with self._failures(len(requests)):
            command = ("MGET", *places)
            values = checked(command, await self._client.execute_command(*command))
        return [[values[places[name]] for name in names] for names in requests]

    async def _run_all(self, requests: Sequence[tuple[Run, ...]]) -> list[list[Any]]:
        """Give for each run of each request its last result, or its first error."""
        count_batch("cache.run", len(requests))
        async with self._failures(len(requests)), self._client.pipeline(transaction=False) as pipeline:
            for runs in requests:
                for run in runs:
                    for command in run.commands:
                        pipeline.execute_command(*command)
            results = iter(await pipeline.execute(raise_on_error=False))
        return [[_answer(run, results) for run in runs] for runs in requests]

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


_links: dict[asyncio.AbstractEventLoop, dict[str, Link]] = {}


def link_to(server: Server) -> Link:
    """Give the running loop's link to a server."""
    links = _links.get(asyncio.get_running_loop(), {})
    return links.get(server.location) or _open(server)


def _open(server: Server) -> Link:
    # A loop that has ended without `close` never asks again; its connections hold it, and are dropped here.
    for loop in [loop for loop in [*_links] if loop.is_closed()]:
        _links.pop(loop, None)
    link = Link(server)
    _links.setdefault(asyncio.get_running_loop(), {})[server.location] = link
    return link


def _always(_error: Exception) -> bool:
    return True


def _answer(run: Run, results: Iterator[Any]) -> Any:
    """Take the results of a run; give the last, or the first error."""
    own = [next(results) for _command in run.commands]
    errors = [result for result in own if isinstance(result, Exception)]
    if errors:
        return errors[0]
    try:
        return checked(run.commands[-1], own[-1])
    except InvalidResponse as error:
        return error


async def settle_links() -> None:
    """Wait for what the running loop's readers have under way: they may be about to ask the database."""
    for link in _links.get(asyncio.get_running_loop(), {}).values():
        await link.settle()


async def close_links() -> None:
    """Close what the running loop has opened."""
    for link in _links.pop(asyncio.get_running_loop(), {}).values():
        await link.close()
