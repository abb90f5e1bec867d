"""The decorators of look-ups by key: concurrent calls of one share a statement.

They stand above `@query`, and below the cache's::

    @cache_player_data(by="telegram_id", clean=telegram_id)
    @one_row(by="telegram_id", key=telegram_id)
    @query
    def get_by_telegram_id(self, user_id: int) -> User | None: ...

`rows` is the queryset, the repository's own unless given (after `values`, rows are dicts); `by` is the
column, or the path, whose values are the keys. `key` has the method's parameters, or is a function of its
only argument; it gives the key, a `Key` where the queryset has more parameters, or None for a call that the
ordinary body shall answer. Called as `.blocking`, the method is what it was.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from django.conf import settings
from django.db.models import QuerySet

from faceitbot.core import workers
from faceitbot.core.attempts import Plan, run
from faceitbot.core.batching import Batcher
from faceitbot.core.database_errors import is_of_the_server
from faceitbot.core.errors import Unavailable
from faceitbot.core.monitoring import queue
from faceitbot.core.monitoring.calls import Measured
from faceitbot.core.open_transactions import refuse_inside_transaction
from faceitbot.core.places import own
from faceitbot.core.statements.compiled import KEYS, Row, TextRows, compiled
from faceitbot.core.statements.line import Line, line_of_loop
from faceitbot.core.statements.signatures import key_of_call
from faceitbot.core.statements.ways import BODY, POOL, THREAD, count_batch, count_call
from faceitbot.core.transactions import Body, Method

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
Rows = QuerySet[Any, Any] | TextRows


class Key(NamedTuple):
    """A key, or several, and the other values that the queryset needs."""

    value: Any
    others: "_Others" = ()


_Others = tuple[tuple[str, object], ...]  # the names and values of what else a queryset needs


class _Asked(NamedTuple):
    keys: tuple[Any, ...]
    others: _Others


_Answer = Sequence[Row | None] | Exception


class LookUp:
    """The look-up of one method of one repository."""

    def __init__(self, name: str, rows: Rows, by: str, plan: Plan) -> None:
        self.name = name
        self.plan = plan
        self._compiled = compiled(rows, by)

    async def find(self, keys: tuple[Any, ...], others: _Others) -> list[Any]:
        """Give a new instance for each key, None where there is no row."""
        instance = self._compiled.instance
        return [None if row is None else instance(row) for row in await self._rows(keys, others)]

    async def find_one(self, key: Any, others: _Others) -> Any:
        """Give a new instance for one key, or None."""
        row = (await self._rows((key,), others))[0]
        return None if row is None else self._compiled.instance(row)

    async def _rows(self, keys: tuple[Any, ...], others: _Others) -> Sequence[Row | None]:
        line = line_of_loop()
        if line is None:
            count_call(self.name, THREAD)
            values = {**dict(others), KEYS: list(keys)}
            here = partial(run, partial(self._compiled.fetch_here, values), self.plan)
            found = self._by_key(await workers.hop(here))
            return [found.get(key) for key in keys]
        with queue.Waiting(), Measured(self.plan.name):
            answer = await line.shared(self, self._batcher).ask(_Asked(keys, others))
            if isinstance(answer, Exception):
                raise own(answer)
        return answer

    def _batcher(self, line: Line) -> "Batcher[_Asked, _Answer]":
        return Batcher(
            partial(self._answer, line),
            waiting=settings.TRANSACTION_QUEUE_SIZE,
            patience=settings.TRANSACTION_DEADLINE_SECONDS,
            is_everybodys=is_of_the_server,
            weight=lambda asked: len(asked.keys),
        )

    async def _answer(self, line: Line, requests: Sequence[_Asked]) -> list[_Answer]:
        """Answer requests by a statement for each set of other values.

        Errors: `Unavailable`, which is everybody's; any other error is the answer of whom it belongs to.
        """
        count_call(self.name, POOL, len(requests))
        if len(requests) == 1:
            return [await self._answer_one(line, requests[0])]
        asked_alike: defaultdict[_Others, list[int]] = defaultdict(list)
        for place, request in enumerate(requests):
            asked_alike[request.others].append(place)
        answers: list[_Answer] = [()] * len(requests)
        for others, places in asked_alike.items():
            keys = dict.fromkeys(chain.from_iterable(requests[place].keys for place in places))
            try:
                found = await self._fetch(line, [*keys], others, len(places))
            except Unavailable:
                raise
            except Exception:  # noqa: BLE001 - one of them has a bad key: each finds out for itself
                for place in places:
                    answers[place] = await self._answer_one(line, requests[place])
            else:
                for place in places:
                    answers[place] = [found.get(key) for key in requests[place].keys]
        return answers

    async def _answer_one(self, line: Line, request: _Asked) -> _Answer:
        try:
            found = await self._fetch(line, [*request.keys], request.others, 1)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - raised to the caller
            return error
        return [found.get(key) for key in request.keys]

    async def _fetch(self, line: Line, keys: list[Any], others: _Others, callers: int) -> dict[Any, Row]:
        values = self._compiled.bind({**dict(others), KEYS: keys})
        count_batch(self.name, callers)
        seconds = self.plan.budget_seconds
        return self._by_key(await line.read(self.name, self._compiled.sql, values, seconds))

    def _by_key(self, rows: Sequence[Row]) -> dict[Any, Row]:
        place = self._compiled.key_at
        return {row[place]: row for row in rows}


class LookUpMethod(Method[P, R]):
    """The method bound to its repository: `await method(...)` or `method.blocking(...)`."""

    def __init__(
        self,
        prepare: Callable[P, Callable[[], R]],
        plan: Plan,
        look_up: LookUp,
        key: Callable[..., Any],
        *,
        many: bool,
        or_body: bool = False,
    ) -> None:
        self._prepare = prepare
        self._plan = plan
        self._look_up = look_up
        self._key = key
        self._many = many
        self._or_body = or_body

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Give the rows by a statement that concurrent calls share. Errors: as without it."""
        refuse_inside_transaction(self.name)
        asked = self._key(*args, **kwargs)
        if asked is None:
            count_call(self._look_up.name, BODY)
            return await super().__call__(*args, **kwargs)
        value, others = asked if isinstance(asked, Key) else (asked, ())
        if self._many:
            found = await self._look_up.find(tuple(value), others) if value else []
            return cast("R", [row for row in found if row is not None])
        one: R = await self._look_up.find_one(value, others)
        if one is None and self._or_body:
            count_call(self._look_up.name, BODY)
            return await super().__call__(*args, **kwargs)
        return one


class LookUpBody(Body[S, P, R]):
    """The descriptor that the decorators leave in the class."""

    def __init__(
        self,
        body: Body[S, P, R],
        rows: Callable[[S], Rows],
        by: str,
        key: Callable[..., Any],
        *,
        many: bool,
        or_body: bool = False,
    ) -> None:
        if body.atomic:
            raise TypeError(f"{body.__name__} may write; only a method under @query can be a look-up")
        super().__init__(body._prepare, body._plan)  # noqa: SLF001 - it takes the place of that one
        self._rows = rows
        self._by = by
        self._key = key_of_call(key, body)
        self._many = many
        self._or_body = or_body
        self._look_ups: dict[type[S], LookUp] = {}

    def _bind(self, instance: S, owner: type[S]) -> LookUpMethod[P, R]:
        look_up = self._look_ups.get(owner)
        if look_up is None:
            name = f"{owner.__name__}.{self.__name__}"
            look_up = self._look_ups[owner] = LookUp(name, self._rows(instance), self._by, self._plan)
        return LookUpMethod(
            partial(self._prepare, instance),
            self._plan,
            look_up,
            self._key,
            many=self._many,
            or_body=self._or_body,
        )


def one_row(
    *, by: str, key: Callable[..., Any], rows: Rows | None = None, or_body: bool = False
) -> Callable[[Body[S, P, R]], LookUpBody[S, P, R]]:
    """Make a method that gives one row, or None; with `or_body`, what the body says where there is none."""

    def decorate(body: Body[S, P, R]) -> LookUpBody[S, P, R]:
        return LookUpBody(body, _source(rows), by, key, many=False, or_body=or_body)

    return decorate


def many_rows(
    *, by: str, key: Callable[..., Any], rows: Rows | None = None
) -> Callable[[Body[S, P, R]], LookUpBody[S, P, R]]:
    """Make a method that gives the rows of several keys in their order, without those that are not there."""

    def decorate(body: Body[S, P, R]) -> LookUpBody[S, P, R]:
        return LookUpBody(body, _source(rows), by, key, many=True)

    return decorate


def _source(rows: Rows | None) -> Callable[[Any], Rows]:
    return (lambda repository: repository._rows()) if rows is None else (lambda _repository: rows)  # noqa: SLF001
