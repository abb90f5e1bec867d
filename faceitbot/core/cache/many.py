"""The decorator for a method that gives many rows by their look-up values, which are cached one by one.

`@cache_rows(like=...)` stands above `@query`, and names the cached method that gives one such row::

    @cache_rows(like=get_player_stats, most=1_000)
    @query
    def get_team_stats(self, player_ids: Sequence[str], game: str = "cs2") -> list[PlayerStatsCache]: ...

Both share what is kept, so every write is seen by the next call here as it is there. The first argument are
the values, the others are those of the method for one row. The rows come in the order of their values, each
once; who is not there is left out. What is kept takes one round trip, the rest one call of the body. More
values than `most` are all given to the body, which is to refuse them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, ParamSpec, Self, TypeVar, cast, overload

from django.db import connection
from django.utils.asyncio import async_unsafe

from faceitbot.core import turns, workers
from faceitbot.core.cache import awaiting, blocking
from faceitbot.core.cache.arguments import Arguments
from faceitbot.core.cache.call import Call
from faceitbot.core.cache.methods import CachedBody
from faceitbot.core.cache.protocol import Loaded
from faceitbot.core.cache.spec import CachedRepository, Spec
from faceitbot.core.open_transactions import refuse_inside_transaction
from faceitbot.core.transactions import Body, Method
from faceitbot.core.values import listed

P = ParamSpec("P")
S = TypeVar("S")
M = TypeVar("M")


class _Asked(NamedTuple):
    """The rows that a call asks for, each by its value and by the call for it alone."""

    values: list[Any]
    calls: list[Call]
    others: dict[str, Any]


class CachedRowsMethod(Generic[P, M]):
    """The method bound to its repository: `await method(...)` or `method.blocking(...)`."""

    __slots__ = ("_arguments", "_body", "_most", "_repository", "_spec")

    def __init__(
        self,
        body: Body[Any, P, list[M]],
        repository: CachedRepository,
        spec: Spec,
        arguments: Arguments,
        most: int,
    ) -> None:
        self._body = cast("Body[Any, ..., list[M]]", body)
        self._repository = repository
        self._spec = spec
        self._arguments = arguments
        self._most = most

    @property
    def _method(self) -> Method[..., list[M]]:
        """The method without the cache, made where it is needed."""
        return self._body.__get__(self._repository, type(self._repository))

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[M]:
        """Give the rows from Redis, and those that it lacks from the method without the cache."""
        refuse_inside_transaction(self._body.name)
        asked = self._asked(args, kwargs)
        if asked is None or workers.workers().bound:
            return await self._method(*args, **kwargs)
        if turns.is_over() and all(call.is_here() for call in asked.calls):
            await turns.next_one()

        async def load(places: list[int]) -> list[Loaded]:
            wanted = [asked.values[place] for place in places]
            return self._loaded(asked, places, await self._method(wanted, **asked.others))

        return _there(await awaiting.read_many(asked.calls, load))

    @async_unsafe
    def blocking(self, *args: P.args, **kwargs: P.kwargs) -> list[M]:
        """Give the rows from Redis, and those that it lacks by the body here; in a transaction all."""
        asked = None if connection.in_atomic_block else self._asked(args, kwargs)
        if asked is None:
            return self._method.blocking(*args, **kwargs)

        def load(places: list[int]) -> list[Loaded]:
            wanted = [asked.values[place] for place in places]
            return self._loaded(asked, places, self._method.blocking(wanted, **asked.others))

        return _there(blocking.read_many(asked.calls, load))

    def _asked(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> _Asked | None:
        """Give what is asked for; None when it is not to be cached, or nothing is asked for."""
        given = self._arguments.bound(args, kwargs) if self._spec.keeps(self._repository) else None
        if given is None:
            return None  # also for the body to complain
        name, first = next(iter(given.items()))
        del given[name]
        values = list(dict.fromkeys(map(self._spec.cleaned, listed(name, first))))
        if len(values) > self._most:
            return None  # for the body to complain, whatever is kept
        calls = self._spec.calls(self._repository, values, given)
        return _Asked(values, calls, given) if calls else None

    def _loaded(self, asked: _Asked, places: Sequence[int], rows: Sequence[M]) -> list[Loaded]:
        by_value = {getattr(row, str(self._spec.by)): row for row in rows}
        return [asked.calls[place].loaded(by_value.get(asked.values[place])) for place in places]


class CachedRows(Generic[S, P, M]):
    """The descriptor that the decorator leaves in the class."""

    def __init__(self, body: Body[S, P, list[M]], spec: Spec, most: int) -> None:
        self._body = body
        self._most = most
        self._arguments = Arguments(body.function)
        self.spec = spec
        self.__name__, self.__doc__ = body.__name__, body.__doc__

    @overload
    def __get__(self, instance: None, owner: type[S]) -> Self: ...
    @overload
    def __get__(self, instance: S, owner: type[S]) -> CachedRowsMethod[P, M]: ...
    def __get__(self, instance: S | None, owner: type[S]) -> Self | CachedRowsMethod[P, M]:
        if instance is None:
            return self
        repository = cast("CachedRepository", instance)
        return CachedRowsMethod(self._body, repository, self.spec, self._arguments, self._most)


def cache_rows(
    *, like: CachedBody[Any, Any, Any], most: int
) -> Callable[[Body[S, P, list[M]]], CachedRows[S, P, M]]:
    """Cache a method that gives many of the rows that another gives one by one, so many at most."""

    def decorate(body: Body[S, P, list[M]]) -> CachedRows[S, P, M]:
        if body.atomic or like.spec.by is None:
            raise TypeError(f"{body.__name__} cannot be cached: only look-ups under @query can")
        return CachedRows(body, like.spec, most)

    return decorate


def _there(rows: list[M | None]) -> list[M]:
    return [row for row in rows if row is not None]
