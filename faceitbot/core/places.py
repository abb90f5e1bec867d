"""Places for callers who wait: so many at most, and each for so long at most."""

import asyncio
import copy
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, Generic, TypeVar

from faceitbot.core.monitoring import queue

Q = TypeVar("Q")
A = TypeVar("A")


class Place(Generic[Q, A]):
    """Where one caller waits, among others until somebody takes up the request."""

    __slots__ = ("among", "answer", "request", "since")

    def __init__(self, request: Q, answer: "asyncio.Future[A]", among: "Waiting[Q, A]") -> None:
        self.request = request
        self.answer = answer
        self.among: Waiting[Q, A] | None = among
        self.since = monotonic()


# Those who wait for the same thing, in their order. To take one out, from wherever in it, is quick.
Waiting = dict[Place[Q, A], None]


class Places(Generic[Q, A]):
    """The places of one event loop for requests of one kind.

    Units: `patience` is seconds. Of those who are `waiting`, who has waited for so long is refused.
    """

    def __init__(
        self, most: int, patience: float | None, waiting: Callable[[], Iterable[Place[Q, A]]]
    ) -> None:
        self._most = most
        self._patience = patience
        self._waiting = waiting
        self._taken = 0
        self._timer: asyncio.TimerHandle | None = None

    def take(self, request: Q, among: Waiting[Q, A]) -> Place[Q, A]:
        """Stand behind others. Errors: `Unavailable` when too many wait."""
        if self._taken >= self._most:
            raise queue.queue_full(self._taken)
        place = Place(request, asyncio.get_running_loop().create_future(), among)
        among[place] = None
        self._taken += 1
        if self._timer is None:
            self._set_timer(place.since)
        return place

    def leave(self, place: Place[Q, A]) -> None:
        """Free a place, to take up its request or to forget it. One that is free already stays so."""
        if place.among is not None:
            del place.among[place]
            place.among = None
            self._taken -= 1

    def put_back(self, places: Iterable[Place[Q, A]], behind: Waiting[Q, A]) -> Waiting[Q, A]:
        """Let callers wait again who had left, before those behind them; give all of them."""
        together = dict.fromkeys(place for place in places if not place.answer.done())
        self._taken += len(together)
        if together and self._timer is None:
            self._set_timer(min(place.since for place in together))
        together |= behind
        for place in together:
            place.among = together
        return together

    def fail(self, places: Iterable[Place[Q, A]], error: Exception) -> None:
        """Tell callers of an error; they leave."""
        for place in [*places]:
            self.leave(place)
            if not place.answer.done():
                place.answer.set_exception(own(error))

    def _set_timer(self, oldest: float) -> None:
        """A timer for each caller would cost every caller; this one comes when the oldest may be late."""
        if self._patience is not None:
            delay = max(0.0, oldest + self._patience - monotonic())
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay, self._refuse_the_late, self._patience)

    def _refuse_the_late(self, patience: float) -> None:
        self._timer = None
        limit = monotonic() - patience
        self.fail([each for each in self._waiting() if each.since <= limit], queue.too_late(patience))
        oldest = min((place.since for place in self._waiting()), default=None)
        if oldest is not None:
            self._set_timer(oldest)


def own(error: Exception) -> Exception:
    """Give a caller's own copy of an error, for its traceback is his; of one that has none, itself."""
    try:
        copied = copy.copy(error)
    except Exception:  # noqa: BLE001 - a stranger's: whatever its constructor wants
        return error
    copied.__cause__ = error
    return copied


def tell(place: Place[Any, A], found: A) -> None:
    """Give a caller his answer, if he still waits."""
    if not place.answer.done():
        place.answer.set_result(found)
