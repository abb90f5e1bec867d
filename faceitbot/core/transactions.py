"""How a repository method runs: a synchronous body, awaited from the event loop or called directly.

`@transactional` gives a body one transaction, `@query` none (reads, one statement after another). Awaiting
the method hops to a worker thread; `.blocking(...)` runs the body in the calling thread, on its connection,
joining a transaction that is open there. A body calls other methods with `.blocking`.

A transaction that meets a deadlock, a serialization failure or a lock timeout is run again, up to three
times; one that loses its connection before COMMIT, once. So a body must have no effect outside the database
but through `transaction.on_commit`.
"""

from collections.abc import Callable
from contextlib import nullcontext
from contextvars import ContextVar
from functools import partial, update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, cast, overload

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.signals import connection_created

from faceitbot.core import workers
from faceitbot.core.attempts import Plan, run
from faceitbot.core.correlation import correlation, correlation_id

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

# The connection that was opened in this context. An event loop that a synchronous caller starts inherits
# the context but not the thread, so this is how a coroutine sees the transaction of its caller.
_context_connection: ContextVar[BaseDatabaseWrapper | None] = ContextVar("context_connection", default=None)


class Method(Generic[P, R]):
    """One repository method, bound to its repository: `await method(...)` or `method.blocking(...)`."""

    def __init__(self, function: Callable[P, R], plan: Plan) -> None:
        self._function = function
        self._plan = plan
        update_wrapper(self, function)

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the body on a worker thread.

        Errors: `Unavailable` when no thread is free in time; `RuntimeError` inside an open transaction.
        """
        _refuse_inside_transaction(self._plan.name)
        with nullcontext() if correlation_id() else correlation():
            return await workers.hop(partial(run, partial(self._function, *args, **kwargs), self._plan))

    def blocking(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the body here, joining the transaction that is open in this thread, if any."""
        return run(partial(self._function, *args, **kwargs), self._plan)


class Body(Generic[S, P, R]):
    """The descriptor that `@transactional` and `@query` leave in the class."""

    def __init__(self, function: Callable[Concatenate[S, P], R], plan: Plan) -> None:
        self._function = function
        self._plan = plan
        self.__name__, self.__doc__ = function.__name__, function.__doc__

    @overload
    def __get__(self, instance: None, owner: type[S]) -> Self: ...
    @overload
    def __get__(self, instance: S, owner: type[S]) -> Method[P, R]: ...
    def __get__(self, instance: S | None, owner: type[S]) -> Self | Method[P, R]:
        return self if instance is None else Method(partial(self._function, instance), self._plan)


def transactional(
    *, budget_seconds: float | None = None
) -> Callable[[Callable[Concatenate[S, P], R]], Body[S, P, R]]:
    """Make a method whose body is one transaction.

    Units: `budget_seconds` replaces the setting TRANSACTION_BODY_SECONDS, for bodies over many rows.
    """

    def decorate(function: Callable[Concatenate[S, P], R]) -> Body[S, P, R]:
        return Body(function, Plan(function.__qualname__, atomic=True, budget_seconds=budget_seconds))

    return decorate


def query(function: Callable[Concatenate[S, P], R]) -> Body[S, P, R]:
    """Make a method whose body reads, each statement for itself."""
    return Body(function, Plan(function.__qualname__, atomic=False))


async def atomically(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a synchronous function as one transaction; inside it, methods are called as `.blocking(...)`.

    Concurrency: as `Method`; the function may run more than once (see the module).
    """
    return await Method(function, Plan(getattr(function, "__qualname__", "atomically")))(*args, **kwargs)


def shutdown() -> None:
    """End the worker threads and close the pool of connections; the next call makes new ones."""
    current = workers.replace_workers(None)
    if current is not None:
        current.shutdown()
    connections.close_all()
    cast("DatabaseWrapper", connection).close_pool()


def _refuse_inside_transaction(name: str) -> None:
    """Refuse a wait that could not end: the worker would wait for locks of the transaction that awaits it."""
    opened = _context_connection.get()
    if opened is not None and opened.in_atomic_block and not workers.workers().bound:
        raise RuntimeError(f"{name} was awaited inside an open transaction: call {name}.blocking(...) there")


def _remember_connection(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    _context_connection.set(connection)


connection_created.connect(_remember_connection, dispatch_uid="faceitbot.core.transactions")
