"""The decorators that put a cache before a repository's method.

`@cache_player_data`, `@cache_match_data` and `@cache_stats_data` stand above `@query`::

    @cache_player_data(by="telegram_id", clean=telegram_id)
    @query
    def get_by_telegram_id(self, user_id: int) -> User | None: ...

With `by`, the method looks rows up by that field, one of the repository's `look_ups`, whose value is its
first argument: every write of such a row is seen by the next call. Without it, the method gives figures over
many rows, which may be as old as they are kept; `fresh=True`, where the method has it, makes them anew.

What is awaited or called as `.blocking` is the same as without the cache. Inside a transaction the database
is asked, for only it knows what the transaction has written; and so it is when `now` is given.
"""

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, cast, overload

from django.db import connection
from django.utils.asyncio import async_unsafe

from faceitbot.core import turns, workers
from faceitbot.core.cache import awaiting, blocking
from faceitbot.core.cache.call import NOTHING
from faceitbot.core.cache.protocol import Loaded
from faceitbot.core.cache.spec import CachedRepository, Spec
from faceitbot.core.open_transactions import refuse_inside_transaction
from faceitbot.core.transactions import Body, Method

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")


class CachedMethod(Generic[P, R]):
    """One cached method, bound to its repository: `await method(...)` or `method.blocking(...)`."""

    __slots__ = ("_body", "_repository", "_spec")

    def __init__(self, body: Body[Any, P, R], repository: CachedRepository, spec: Spec) -> None:
        self._body = body
        self._repository = repository
        self._spec = spec

    @property
    def _method(self) -> Method[P, R]:
        """The method without the cache, made where it is needed."""
        return self._body.__get__(self._repository, type(self._repository))

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Give the value from a cache, or from the method without it. Errors: as without the caches."""
        call = self._spec.call(self._repository, args, kwargs)
        if call is None or workers.workers().bound:
            found = await self._method(*args, **kwargs)
        else:
            refuse_inside_transaction(self._body.name)
            if turns.is_over() and call.is_here():
                await turns.next_one()
            found = call.here()
            if found is NOTHING:
                method = self._method

                async def load() -> Loaded:
                    return call.loaded(await method(*args, **kwargs))

                found = await awaiting.read(call, load)
        self._spec.tell(found)
        return found

    @async_unsafe
    def blocking(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Give the value from a cache, or run the body here; inside a transaction always the latter."""
        call = None if connection.in_atomic_block else self._spec.call(self._repository, args, kwargs)
        if call is None:
            found = self._method.blocking(*args, **kwargs)
        else:
            found = call.here()
            if found is NOTHING:
                found = blocking.read(call, lambda: call.loaded(self._method.blocking(*args, **kwargs)))
        self._spec.tell(found)
        return found


class CachedBody(Generic[S, P, R]):
    """The descriptor that the decorators leave in the class."""

    def __init__(self, body: Body[S, P, R], spec: Spec) -> None:
        self._body = body
        self.spec = spec
        self.__name__, self.__doc__ = body.__name__, body.__doc__

    @overload
    def __get__(self, instance: None, owner: type[S]) -> Self: ...
    @overload
    def __get__(self, instance: S, owner: type[S]) -> CachedMethod[P, R]: ...
    def __get__(self, instance: S | None, owner: type[S]) -> Self | CachedMethod[P, R]:
        if instance is None:
            return self
        return CachedMethod(self._body, cast("CachedRepository", instance), self.spec)


class Decorator(Protocol):
    """Puts a cache before a method under `@query`."""

    def __call__(self, body: Body[S, P, R], /) -> CachedBody[S, P, R]: ...


def cache_player_data(
    ttl: float | None = None, *, by: str | None = None, clean: Callable[[Any], Any] | None = None
) -> Decorator:
    """Cache a method that gives players or users; `ttl` is PLAYER_CACHE_SECONDS unless given.

    Units: seconds; 0 as the setting switches the cache off, whatever `ttl` says.
    """
    return _decorator("player_cache", ttl, by, clean)


def cache_match_data(
    ttl: float | None = None,
    *,
    by: str | None = None,
    clean: Callable[[Any], Any] | None = None,
    answered: Callable[[Any], None] | None = None,
) -> Decorator:
    """Cache a method that gives matches; `ttl` is MATCH_CACHE_SECONDS unless given.

    `answered` is told each answer, whether Redis gave it or the database; it must be quick and not fail.
    """
    return _decorator("match_cache", ttl, by, clean, answered)


def cache_stats_data(
    ttl: float | None = None, *, by: str | None = None, clean: Callable[[Any], Any] | None = None
) -> Decorator:
    """Cache a method that gives figures; `ttl` is STATS_CACHE_SECONDS unless given."""
    return _decorator("stats_cache", ttl, by, clean)


def cache_row(*, by: str, clean: Callable[[Any], Any] | None = None) -> Decorator:
    """Cache a look-up in the repository's own `cache_alias`; one that has none reads the database."""
    return _decorator(None, None, by, clean)


def _decorator(
    alias: str | None,
    ttl: float | None,
    by: str | None,
    clean: Callable[[Any], Any] | None,
    answered: Callable[[Any], None] | None = None,
) -> Decorator:
    def decorate(body: Body[S, P, R]) -> CachedBody[S, P, R]:
        if body.atomic:
            raise TypeError(f"{body.__name__} cannot be cached: it may write; only a method under @query can")
        return CachedBody(body, Spec(body.function, alias, ttl, by, clean, answered))

    return decorate
