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
    """Where one caller waits; `line` holds it until somebody takes up the request."""

    __slots__ = ("answer", "line", "request", "since")

    def __init__(self, request: Q, answer: "asyncio.Future[A]", line: "Line[Q, A]") -> None:
        self.request = request
        self.answer = answer
        self.line: Line[Q, A] | None = line
        self.since = monotonic()


# Those who wait for the same thing, in their order. To leave one, from wherever in it, is quick.
Line = dict[Place[Q, A], None]


class Places(Generic[Q, A]):
    """The places of one event loop for requests of one kind.

    Units: `patience` is seconds. Who has stood `in_line` for so long is refused.
    """

    def __init__(
        self, most: int, patience: float | None, in_line: Callable[[], Iterable[Place[Q, A]]]
    ) -> None:
        self._most = most
        self._patience = patience
        self._in_line = in_line
        self._taken = 0
        self._timer: asyncio.TimerHandle | None = None

    def take(self, request: Q, line: Line[Q, A]) -> Place[Q, A]:
        """Stand at the end of a line. Errors: `Unavailable` when too many wait."""
        if self._taken >= self._most:
            raise queue.queue_full(self._taken)
        loop = asyncio.get_running_loop()
        place = Place(request, loop.create_future(), line)
        line[place] = None
        self._taken += 1
        if self._timer is None and self._patience is not None:
            self._timer = loop.call_later(self._patience, self._refuse_the_late, self._patience)
        return place

    def leave(self, place: Place[Q, A]) -> None:
        """Free a place, to take up its request or to forget it. One that is free already stays so."""
        if place.line is not None:
            del place.line[place]
            place.line = None
            self._taken -= 1

    def put_back(self, places: Iterable[Place[Q, A]], line: Line[Q, A]) -> Line[Q, A]:
        """Let callers wait again who had left, before those of a line; give the line of all."""
        together = dict.fromkeys(place for place in places if not place.answer.done())
        self._taken += len(together)
        together |= line
        for place in together:
            place.line = together
        return together

    def fail(self, places: Iterable[Place[Q, A]], error: Exception) -> None:
        """Tell callers of an error; they leave."""
        for place in [*places]:
            self.leave(place)
            if not place.answer.done():
                place.answer.set_exception(own(error))

    def _refuse_the_late(self, patience: float) -> None:
        """A timer for each caller would cost every caller; this one comes when the first may be late."""
        self._timer = None
        oldest = min((place.since for place in self._in_line()), default=None)
        if oldest is None:
            return
        limit = monotonic() - patience
        if oldest <= limit:
            self.fail([each for each in self._in_line() if each.since <= limit], queue.too_late(patience))
            oldest = min((place.since for place in self._in_line()), default=None)
        if oldest is not None:
            delay = max(0.0, oldest - monotonic() + patience)
            self._timer = asyncio.get_running_loop().call_later(delay, self._refuse_the_late, patience)


def own(error: Exception) -> Exception:
    """Give a caller's own copy of an error, for its traceback is his; of one that has none, itself."""
    try:
        return copy.copy(error)
    except Exception:  # noqa: BLE001 - a stranger's: whatever its constructor wants
        return error


def answer(place: Place[Any, A], found: A) -> None:
    """Give a caller his answer, if he still waits."""
    if not place.answer.done():
        place.answer.set_result(found)
