"""The Redis servers that Django's `CACHES` name, and how this process talks to them from its threads.

Nothing is repeated when it fails: a frozen server would cost several times the budget. (redis-py repeats by
default, but not over pools that are made from a URL, as django-redis does.) The event loop's way is
`faceitbot.core.cache.link`.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.cache import caches
from redis.exceptions import InvalidResponse, OutOfMemoryError, RedisError, ResponseError

from faceitbot.core.cache.configuration import location
from faceitbot.core.cache.flights import Flights
from faceitbot.core.cache.protocol import Fetch, Loaded, Run, RunEach
from faceitbot.core.cache.state import FAILURES, CacheUnavailable, State

if TYPE_CHECKING:
    from django_redis.cache import RedisCache
    from redis import Connection, Redis


class Server:
    """One Redis, under all the aliases that have the same location."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.location = location(alias)
        self.state = State(shelf_bytes=settings.CACHE_IN_PROCESS_MB * 1_000_000)
        self.flights: Flights[Future[Loaded]] = Flights(self.state)
        self._run_id = b""
        self._client: Redis | None = None

    @property
    def client(self) -> "Redis":
        """django-redis' client, for all threads: its pool of connections, its options."""
        if self._client is None:
            # Not `caches[alias]`: that is another object in each of the contexts which threads run in.
            client: Redis = cast("RedisCache", caches.create_connection(self.alias)).client.get_client()
            client.connection_pool.connection_kwargs["redis_connect_func"] = self._greet
            self._client = client
        return self._client

    def ask(self, step: Fetch | Run | RunEach) -> Any:
        """Do a step of the protocol. Errors: `CacheUnavailable`."""
        try:
            if isinstance(step, Fetch):
                return checked(("MGET", *step.names), self.client.execute_command("MGET", *step.names))
            if isinstance(step, RunEach):
                return self._run_each(step.runs)
            return checked(step.commands[-1], self.run(step.commands))
        except (RedisError, OSError) as error:
            raise self.failed(error) from error

    def run(self, commands: Sequence[tuple[Any, ...]]) -> Any:
        """Run commands in one round trip; give the result of the last."""
        if len(commands) == 1:
            return self.client.execute_command(*commands[0])
        with self.client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return pipeline.execute()[-1]

    def _run_each(self, runs: Sequence[Run]) -> list[Any]:
        with self.client.pipeline(transaction=False) as pipeline:
            for run in runs:
                for command in run.commands:
                    pipeline.execute_command(*command)
            results = iter(pipeline.execute())
        own = [[next(results) for _command in run.commands] for run in runs]
        return [checked(run.commands[-1], found[-1]) for run, found in zip(runs, own, strict=True)]

    def failed(self, error: Exception, callers: int = 1) -> CacheUnavailable:
        """Count a failure; give what to raise. A server that is full still answers."""
        if not isinstance(error, OutOfMemoryError):
            for _caller in range(min(callers, FAILURES)):
                self.state.breaker.record_failure()
            self.state.wake()
        return CacheUnavailable(f"{type(error).__name__}: {error}")

    def met(self, info: object) -> None:
        """Note which server a new connection has reached, by its INFO.

        One that was started anew, or took over from another, may hold what it held some time ago.
        """
        if not isinstance(info, bytes):
            raise InvalidResponse(f"INFO was answered by {type(info).__name__}")
        run_id = next((line for line in info.splitlines() if line.startswith(b"run_id:")), b"")
        if self._run_id and run_id != self._run_id:
            self.state.doubt_everything()
        self._run_id = run_id

    def close(self) -> None:
        """Give the connections of the threads back."""
        client, self._client = self._client, None
        if client is not None:
            client.connection_pool.disconnect()

    def _greet(self, connection: "Connection") -> None:
        connection.on_connect()
        try:
            connection.send_command("INFO", "server")
            self.met(connection.read_response())
        except ResponseError:
            self.met(b"")  # the account may not ask


def checked(command: tuple[Any, ...], answer: Any) -> Any:
    """Give an answer of the kind that the command has. Errors: `InvalidResponse`, for then it is no Redis."""
    if command[0] == "MGET":
        fits = isinstance(answer, list) and len(answer) == len(command) - 1
        fits = fits and all(value is None or isinstance(value, bytes) for value in answer)
    else:
        fits = isinstance(answer, int)
    if not fits:
        raise InvalidResponse(f"{command[0]} was answered by {type(answer).__name__}")
    return answer
