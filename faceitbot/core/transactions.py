"""How a repository method runs: a synchronous body, awaited from the event loop or called directly.

`@transactional` gives a body one transaction, `@query` none (reads, one statement after another);
`@prepared_transaction` lets a method check and gather its input before the transaction begins. Awaiting
the method hops to a worker thread; `.blocking(...)` runs the body in the calling thread, on its connection,
joining a transaction that is open there. A body calls other methods with `.blocking`.

A transaction that meets a deadlock, a serialization failure or a lock timeout is run again, up to three
times; one that loses its connection before COMMIT, once. So a body must have no effect outside the database
but through `transaction.on_commit`.
"""

import inspect
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from functools import partial, update_wrapper, wraps
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, cast, overload

from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from faceitbot.core import workers
from faceitbot.core.attempts import Plan, run
from faceitbot.core.correlation import correlation, correlation_id
from faceitbot.core.monitoring.calls import declare
from faceitbot.core.open_transactions import refuse_inside_transaction

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
S = TypeVar("S")


class Method(Generic[P, R]):
    """One repository method, bound to its repository: `await method(...)` or `method.blocking(...)`."""

    def __init__(self, prepare: Callable[P, Callable[[], R]], plan: Plan) -> None:
        self._prepare = prepare
        self._plan = plan
        update_wrapper(self, prepare)

    @property
    def name(self) -> str:
        """The method's name, for messages."""
        return self._plan.name

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the body on a worker thread.

        Errors: `Unavailable` when no thread is free in time; `RuntimeError` inside an open transaction.
        """
        refuse_inside_transaction(self._plan.name)
        with nullcontext() if correlation_id() else correlation():
            return await workers.hop(partial(self.blocking, *args, **kwargs))

    def blocking(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the body here, joining the transaction that is open in this thread, if any."""
        return run(self._prepare(*args, **kwargs), self._plan)


class Body(Generic[S, P, R]):
    """The descriptor that the decorators leave in the class."""

    def __init__(self, prepare: Callable[Concatenate[S, P], Callable[[], R]], plan: Plan) -> None:
        self._prepare = prepare
        self._plan = plan
        declare(plan.name)
        self.__name__, self.__doc__ = prepare.__name__, prepare.__doc__
        self._place = f"{prepare.__name__} bound by {id(self)}"  # among a repository's attributes

    @property
    def name(self) -> str:
        """The method's name, for messages."""
        return self._plan.name

    @property
    def atomic(self) -> bool:
        """Whether the body is a transaction."""
        return self._plan.atomic

    @property
    def function(self) -> Callable[..., Any]:
        """The function that was decorated."""
        return cast("Callable[..., Any]", inspect.unwrap(self._prepare))

    @overload
    def __get__(self, instance: None, owner: type[S]) -> Self: ...
    @overload
    def __get__(self, instance: S, owner: type[S]) -> Method[P, R]: ...
    def __get__(self, instance: S | None, owner: type[S]) -> Self | Method[P, R]:
        if instance is None:
            return self
        # To bind takes a good part of the time of a hot call: once for each repository is enough.
        attributes = vars(instance)
        bound: Method[P, R] | None = attributes.get(self._place)
        if bound is None:
            bound = attributes[self._place] = self._bind(instance, owner)
        return bound

    def _bind(self, instance: S, _owner: type[S]) -> Method[P, R]:
        return Method(partial(self._prepare, instance), self._plan)


def transactional(
    *, budget_seconds: float | None = None
) -> Callable[[Callable[Concatenate[S, P], R]], Body[S, P, R]]:
    """Make a method whose body is one transaction.

    Units: `budget_seconds` replaces the setting TRANSACTION_BODY_SECONDS, for bodies over many rows.
    """

    def decorate(function: Callable[Concatenate[S, P], R]) -> Body[S, P, R]:
        return Body(_unprepared(function), Plan(function.__qualname__, budget_seconds=budget_seconds))

    return decorate


def prepared_transaction(
    *, budget_seconds: float | None = None
) -> Callable[[Callable[Concatenate[S, P], Callable[[], R]]], Body[S, P, R]]:
    """Make a method that checks and gathers its input, once, and returns the body of its transaction.

    For input that can be read only once (an iterator is empty when the body runs again) or that takes long
    to check (locks and connections should not wait for that). Awaited, both run on the worker thread.
    """

    def decorate(prepare: Callable[Concatenate[S, P], Callable[[], R]]) -> Body[S, P, R]:
        return Body(prepare, Plan(prepare.__qualname__, budget_seconds=budget_seconds))

    return decorate


def query(function: Callable[Concatenate[S, P], R]) -> Body[S, P, R]:
    """Make a method whose body reads, each statement for itself."""
    return Body(_unprepared(function), Plan(function.__qualname__, atomic=False))


def long_query(*, budget_seconds: float) -> Callable[[Callable[Concatenate[S, P], R]], Body[S, P, R]]:
    """Make a method as `query` does, whose body works through many rows in transactions of their own.

    It is never run again as a whole; its transactions are.
    Units: `budget_seconds` replaces the setting TRANSACTION_BODY_SECONDS for the body as a whole.
    """

    def decorate(function: Callable[Concatenate[S, P], R]) -> Body[S, P, R]:
        plan = Plan(function.__qualname__, atomic=False, repeatable=False, budget_seconds=budget_seconds)
        return Body(_unprepared(function), plan)

    return decorate


async def atomically(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a synchronous function as one transaction; inside it, methods are called as `.blocking(...)`.

    Errors: `TypeError` for a function that is a coroutine's: nothing would await it.
    Concurrency: as `Method`; the function may run more than once (see the module).
    """
    plan = Plan(getattr(function, "__qualname__", "atomically"))
    return await Method(_unprepared(function), plan)(*args, **kwargs)


def shutdown() -> None:
    """End the worker threads and close the pool of connections; the next call makes new ones.

    A connection that a thread of the caller's has opened by `.blocking` is that thread's to close.
    """
    current = workers.replace_workers(None)
    if current is not None:
        current.shutdown()
    connections.close_all()
    cast("DatabaseWrapper", connection).close_pool()


def _unprepared(function: Callable[Q, R]) -> Callable[Q, Callable[[], R]]:
    """Let all that a function does be the body; it must be synchronous."""

    @wraps(function)
    def prepare(*args: Q.args, **kwargs: Q.kwargs) -> Callable[[], R]:
        def body() -> R:
            result = function(*args, **kwargs)
            if isinstance(result, Coroutine):
                result.close()
                raise TypeError(f"{function!r} is a coroutine function, a body is an ordinary one")
            return result

        return body

    return prepare
