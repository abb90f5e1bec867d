"""The decorator of methods that count something of a row: concurrent calls are one transaction.

It stands above `@transactional`::

    @tallied(count_together, counted_together, key=_whom)
    @transactional()
    def touch(self, user_id: int, ...) -> User: ...

`key` has the method's parameters, or is a function of its only argument; it gives the row's key, or None for
a call that the ordinary body shall run. (Where each call writes a row of its own, the key is that row, equal
to itself alone.) `write` gets the repository, the loop's line, and how many calls there are for each key; it
gives the rows of its statement, or fails having done nothing. `answer` makes of them, once they are
committed, the answers for each key, one for each call, in the order of the calls. For keys that it leaves
out - no such row, or somebody else holds it - and for all if `write` fails, the ordinary bodies run, those
for one key one after another.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from time import monotonic
from typing import Any, Final, ParamSpec, TypeVar

import structlog
from django.conf import settings

from faceitbot.core.attempts import Plan
from faceitbot.core.database_errors import LOCK_NOT_AVAILABLE, is_of_the_server
from faceitbot.core.errors import Unavailable
from faceitbot.core.monitoring import queue
from faceitbot.core.monitoring.calls import Measured
from faceitbot.core.open_transactions import refuse_inside_transaction
from faceitbot.core.places import Place, Places, Waiting, tell
from faceitbot.core.statements.line import Line, Row, Turn, line_of_loop
from faceitbot.core.statements.signatures import key_of_call
from faceitbot.core.statements.ways import BODY, POOL, count_batch, count_call
from faceitbot.core.transactions import Body, Method

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
Counts = Mapping[Any, int]
Write = Callable[[Any, Line, Counts], Awaitable[list[Row]]]
Answer = Callable[[Any, list[Row], Counts], Awaitable[Mapping[Any, Sequence[Any]]]]

_LARGEST = 200  # calls of one transaction, whose answers come in one turn of the event loop
_IN_FLIGHT = 2
_COMPANY_SECONDS = 0.05  # some transactions long
LEFT_OUT: Final = object()
_Caller = Place[Hashable, Any]
_Callers = Waiting[Hashable, Any]
log = structlog.get_logger(__name__)


class Tally:
    """The calls of one kind in one event loop.

    What comes in one turn of the loop goes together; while two transactions are under way, further calls are
    collected. A call that finds nobody runs at once, `in_own_task` if it may: it costs less there, but is
    broken off when its caller is cancelled, and nobody learns what has become of it.

    No key is under way twice, so calls for one row are answered in their order: also while the ordinary body
    runs for the first of those that were left out, the others wait behind it. Repositories of another class
    have a tally of their own. When the database is away, who waits is told at once.
    """

    def __init__(
        self,
        name: str,
        repository: object,
        write: Write,
        answer: Answer,
        line: Line,
        *,
        in_own_task: bool = False,
    ) -> None:
        self._name = name
        self._repository = repository
        self._write = write
        self._answer = answer
        self._line = line
        self._in_own_task = in_own_task
        self._running = 0
        self._company_until = 0.0
        self._ready: dict[Hashable, _Callers] = {}
        self._under_way: dict[Hashable, _Callers] = {}  # with who waits behind
        self._places: Places[Hashable, Any] = Places(
            settings.TRANSACTION_QUEUE_SIZE, settings.TRANSACTION_DEADLINE_SECONDS, self._in_line
        )

    async def ask(self, key: Hashable) -> Any:
        """Give the answer to one call; LEFT_OUT when its ordinary body is to run, after which it `has_ended`.

        Errors: `Unavailable` when too many wait, for too long, or from the database, with its subclasses.
        Concurrency: a call that is cancelled while it waits is not counted; later, it may be.
        """
        if self._in_own_task and self._is_idle and not self._line.writers.locked():
            return await self._serve_alone(key)
        behind = self._under_way.get(key)
        others = self._ready.get(key, {}) if behind is None else behind
        place = self._places.take(key, others)
        if behind is None:
            self._ready[key] = others
            self._go_on()
        try:
            return await place.answer
        except BaseException:
            self._places.leave(place)
            if not others and self._ready.get(key) is others:
                del self._ready[key]
            if is_left_out(place.answer):
                self.has_ended(key)
            raise

    def has_ended(self, key: Hashable, error: BaseException | None = None) -> None:
        """Let those go on who wait behind a call whose ordinary body has run, or failed with an error.

        When the row was held for longer than it may be waited for, they are told so, too.
        """
        behind = self._under_way.pop(key)
        if isinstance(error, Unavailable) and error.context.get("sqlstate") == LOCK_NOT_AVAILABLE:
            self._places.fail(behind, error)
        elif behind:
            self._ready[key] = behind
            self._go_on()

    @property
    def _is_idle(self) -> bool:
        """Whether nobody else is there, nor has been just now."""
        return not (self._running or self._ready or self._under_way or self._has_company)

    @property
    def _is_one(self) -> bool:
        """Whether a single caller is ready."""
        return len(self._ready) == 1 and all(len(callers) == 1 for callers in self._ready.values())

    @property
    def _has_company(self) -> bool:
        """Whether several have come together just now: who goes by himself then, a little earlier or later
        than the others, would do so ever after.
        """
        return monotonic() < self._company_until

    def _in_line(self) -> Iterator[_Caller]:
        return chain.from_iterable([*self._ready.values(), *self._under_way.values()])

    def _go_on(self) -> None:
        if self._ready and self._running < _IN_FLIGHT:
            if self._running and self._has_company and self._is_one:
                loop = asyncio.get_running_loop()
                loop.call_later(self._company_until - monotonic(), self._go_on)
                return
            self._running += 1
            self._line.start(self._serve)

    async def _serve_alone(self, key: Hashable) -> Any:
        """Answer a call in its caller's task, without a place for him: nobody else is there."""
        self._running, self._under_way[key] = 1, {}
        done = asyncio.get_running_loop().create_future()
        self._line.wait_for(done)
        found: Sequence[Any] | None = ()
        try:
            async with Turn(self._line.writers) as turn:
                found = (await self._answers({key: 1}, turn)).get(key)
            return LEFT_OUT if found is None else found[0]
        finally:
            if found is not None:
                self.has_ended(key)
            self._running -= 1
            self._go_on()
            done.set_result(None)

    async def _serve(self) -> None:
        batch: dict[Hashable, list[_Caller]] = {}
        try:
            async with Turn(self._line.writers) as turn:  # until then, who waits may go, and others come
                batch = self._take()
                if batch:
                    await self._run(batch, turn)
        finally:
            for key, places in batch.items():
                for place in places:
                    place.answer.cancel()  # who has no answer yet gets none any more
                if not any(is_left_out(place.answer) for place in places):
                    self.has_ended(key)
            self._running -= 1
            self._go_on()

    def _take(self) -> dict[Hashable, list[_Caller]]:
        batch: dict[Hashable, list[_Caller]] = {}
        room = _LARGEST
        while self._ready and room > 0:
            key = next(iter(self._ready))
            line = self._ready.pop(key)
            # Who is cancelled in this turn of the loop has not left yet.
            taken = [*islice((place for place in line if not place.answer.done()), room)]
            for place in taken:
                self._places.leave(place)
            if taken:
                room -= len(taken)
                batch[key], self._under_way[key] = taken, line
        if _LARGEST - room > 1:
            self._company_until = monotonic() + _COMPANY_SECONDS
        return batch

    async def _run(self, batch: Mapping[Hashable, list[_Caller]], turn: Turn) -> None:
        try:
            answers = await self._answers({key: len(places) for key, places in batch.items()}, turn)
        except Exception as error:  # noqa: BLE001 - passed on to each caller
            self._places.fail(chain.from_iterable(batch.values()), error)
            return
        for key, places in batch.items():
            found = answers.get(key)
            if found is None:
                self._leave_out(key, places)
            else:
                for place, each in zip(places, found, strict=True):
                    tell(place, each)

    async def _answers(self, counts: Counts, turn: Turn) -> Mapping[Any, Sequence[Any]]:
        """Give the answers for each key but those that are left out. The turn ends with the transaction.

        Errors: `Unavailable`, and whatever fails after the commit.
        """
        callers = sum(counts.values())
        count_batch(self._name, callers)
        try:
            rows = await self._write(self._repository, self._line, counts)
        except Unavailable as error:
            if is_of_the_server(error):
                self._places.fail(self._in_line(), error)
            raise
        except Exception as error:  # noqa: BLE001 - whose it is, his own body will tell
            log.warning("tally.failed", call=self._name, callers=callers, message=str(error))
            return {}
        finally:
            turn.end()
        try:
            return _for_all(await self._answer(self._repository, rows, counts), counts)
        except Exception:
            # It is committed: to run the bodies would count it again.
            log.exception("tally.unanswered", call=self._name, callers=callers)
            raise

    def _leave_out(self, key: Hashable, places: list[_Caller]) -> None:
        """Let the first who is still there run his ordinary body, and the others wait behind it.

        All of them at once would fill the threads, and wait there for the same row.
        """
        alive = [place for place in places if not place.answer.done()]
        if alive:
            self._under_way[key] = self._places.put_back(alive[1:], self._under_way[key])
            places[:] = alive[:1]
            tell(alive[0], LEFT_OUT)


def _for_all(answers: Mapping[Any, Sequence[Any]], counts: Counts) -> Mapping[Any, Sequence[Any]]:
    for key, found in answers.items():
        if len(found) != counts[key]:
            raise ValueError(f"{len(found)} answers to {counts[key]} calls")
    return answers


def is_left_out(told: "asyncio.Future[Any]") -> bool:
    """Say whether a caller has been told to run his ordinary body."""
    return told.done() and not told.cancelled() and told.exception() is None and told.result() is LEFT_OUT


class TalliedMethod(Method[P, R]):
    """The method bound to its repository: `await method(...)` or `method.blocking(...)`."""

    def __init__(
        self,
        repository: object,
        prepare: Callable[P, Callable[[], R]],
        plan: Plan,
        tallied: "TalliedBody[Any, P, R]",
    ) -> None:
        self._repository = repository
        self._prepare = prepare
        self._plan = plan
        self._tallied = tallied

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run in one transaction with concurrent calls. Errors: as without it."""
        refuse_inside_transaction(self.name)
        tallied = self._tallied
        key = tallied.key(*args, **kwargs)
        line = line_of_loop()
        if line is None or key is None:
            count_call(self._plan.name, BODY)
            return await super().__call__(*args, **kwargs)
        # A subclass may tell another cache.
        tally = line.shared((tallied.write, type(self._repository)), self._tally)
        with queue.Waiting(), Measured(self._plan.name):
            found = await tally.ask(key)
        if found is not LEFT_OUT:
            count_call(self._plan.name, POOL)
            given: R = tallied.give(found)
            return given
        count_call(self._plan.name, BODY)
        # In a task of its own: a body that has begun goes on when its caller is cancelled, and until it ends
        # whoever is behind would only wait in another thread for the same row.
        body = asyncio.ensure_future(super().__call__(*args, **kwargs))
        line.wait_for(body)
        body.add_done_callback(
            lambda ended: tally.has_ended(key, None if ended.cancelled() else ended.exception())
        )
        return await asyncio.shield(body)

    def _tally(self, line: Line) -> Tally:
        write = self._tallied.write
        return Tally(
            write.__qualname__,
            self._repository,
            write,
            self._tallied.answer,
            line,
            in_own_task=self._tallied.in_own_task,
        )


class TalliedBody(Body[S, P, R]):
    """The descriptor that the decorator leaves in the class."""

    def __init__(
        self,
        body: Body[S, P, R],
        write: Any,
        answer: Answer,
        key: Callable[..., Any],
        give: Callable[[Any], Any],
        *,
        in_own_task: bool,
    ) -> None:
        super().__init__(body._prepare, body._plan)  # noqa: SLF001 - it takes the place of that one
        self.write = write
        self.answer = answer
        self.key = key_of_call(key, body)
        self.give = give
        self.in_own_task = in_own_task

    def _bind(self, instance: S, _owner: type[S]) -> TalliedMethod[P, R]:
        return TalliedMethod(instance, partial(self._prepare, instance), self._plan, self)


def tallied(
    write: Write,
    answer: Answer,
    *,
    key: Callable[..., Any],
    give: Callable[[Any], Any] = lambda answer: answer,
    in_own_task: bool = False,
) -> Callable[[Body[S, P, R]], TalliedBody[S, P, R]]:
    """Make a method whose concurrent calls are counted together; `give` turns an answer into the method's.

    Methods of a class with the same `write` are counted together, too. `in_own_task`, where `write` is one
    statement and nobody has to be told of it: a call without company runs in its caller's task.
    """

    def decorate(body: Body[S, P, R]) -> TalliedBody[S, P, R]:
        return TalliedBody(body, write, answer, key, give, in_own_task=in_own_task)

    return decorate
