"""Runs concurrent requests of one event loop together, at no cost for a single one.

While nothing is under way, a request is run at once, by its own caller. What comes meanwhile is collected, to
the end of the loop's turn at least, and run as one batch by a task of its own. So batches grow with the load,
nobody waits for a timer, and those whom one batch has answered stay together when they ask again: after a
batch of several, the next request waits for the end of its turn, too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from faceitbot.core.places import Place, Places, Waiting, tell

Q = TypeVar("Q")
A = TypeVar("A")


class Batcher(Generic[Q, A]):
    """Requests of one kind, on one event loop.

    `run` takes requests and gives as many answers, in the same order. A failure that `is_everybodys` is that
    of the other side as a whole: who waits for the next batch is told at once. At most so many are `waiting`.
    Units: `patience` is seconds; who has waited longer is refused instead of run. The `weight` of a request
    is how many answers it stands for; a batch of several weighs as much as the `largest` at most.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Q]], Awaitable[Sequence[A]]],
        *,
        waiting: int,
        patience: float | None = None,
        largest: int = 200,  # 500 answers at once hold up the event loop for more than 20 ms
        in_flight: int = 2,
        is_everybodys: Callable[[Exception], bool] = lambda _error: False,
        weight: Callable[[Q], int] = lambda _request: 1,
    ) -> None:
        self._run = run
        self._weight = weight
        self._largest = largest
        self._in_flight = in_flight
        self._is_everybodys = is_everybodys
        self._running = 0
        self._is_due = False  # at the end of this turn of the loop, what waits is run
        self._has_company = False  # the latest batch was one of several
        self._waiting: Waiting[Q, A] = {}
        self._places: Places[Q, A] = Places(waiting, patience, lambda: self._waiting)
        self._tasks: set[asyncio.Task[None]] = set()
        self._moved = asyncio.Event()  # something has ended, or nothing has begun

    async def ask(self, request: Q) -> A:
        """Give the answer to one request.

        Errors: those of `run`, which all requests of the batch get; `Unavailable` when too many wait, or when
        this one has waited for too long.
        Concurrency: a request whose caller is cancelled while it waits is not run.
        """
        if not self._running and not self._waiting and not self._has_company:
            self._running = 1
            try:
                return (await self._run((request,)))[0]
            except Exception as error:
                self._fail_waiting(error)
                raise
            finally:
                self._end_of_run()
        place = self._places.take(request, self._waiting)
        if self._running < self._in_flight and not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._end_of_turn)
        try:
            return await place.answer
        except asyncio.CancelledError:
            self._places.leave(place)
            raise

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way, or about to be."""
        return bool(self._running or self._is_due)

    async def drain(self) -> None:
        """Wait until nothing is under way, also for callers who have gone."""
        while self.is_busy:
            self._moved.clear()
            await self._moved.wait()

    def _end_of_turn(self) -> None:
        self._is_due = False
        self._go_on()
        self._moved.set()

    def _end_of_run(self) -> None:
        self._running -= 1
        self._go_on()
        self._moved.set()

    def _go_on(self) -> None:
        while self._waiting and self._running < self._in_flight:
            batch = self._take()
            if not batch:
                continue
            self._running += 1
            task = asyncio.get_running_loop().create_task(self._run_batch(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _take(self) -> list[Place[Q, A]]:
        """Take up those who come first; who is cancelled in this turn of the loop has not left yet."""
        batch: list[Place[Q, A]] = []
        gone: list[Place[Q, A]] = []
        room = self._largest
        for place in self._waiting:
            if place.answer.done():
                gone.append(place)
                continue
            room -= self._weight(place.request)
            if batch and room < 0:
                break
            batch.append(place)
        for place in (*gone, *batch):
            self._places.leave(place)
        self._has_company = len(batch) > 1
        return batch

    async def _run_batch(self, batch: Sequence[Place[Q, A]]) -> None:
        try:
            answers = await self._run([place.request for place in batch])
            answered = [*zip(batch, answers, strict=True)]
        except Exception as error:  # noqa: BLE001 - passed on to each caller
            self._places.fail(batch, error)
            self._fail_waiting(error)
        except BaseException:
            for place in batch:
                place.answer.cancel()
            raise
        else:
            for place, found in answered:
                tell(place, found)
        finally:
            self._end_of_run()

    def _fail_waiting(self, error: Exception) -> None:
        if self._is_everybodys(error):
            self._places.fail(self._waiting, error)
