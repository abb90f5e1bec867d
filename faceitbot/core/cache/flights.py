"""Loads for other readers of their keys to join: those under way, and for a moment those that have ended.

A reader may learn that Redis has nothing while the load of another ends. He may take what that gave as if he
had joined it: he has asked before it ended. Who asks later does not meet it.
"""

import threading
from collections import deque
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Generic, TypeVar

from faceitbot.core.cache.entry import Stamps
from faceitbot.core.cache.state import State

F = TypeVar("F")
_JOINED_WITHIN = 0.5  # seconds, past Redis, where no stamps tell of the writes of other processes
_KEPT = 0.5  # seconds after the end; Redis may take half of that from a call


@dataclass
class _Flight(Generic[F]):
    stamps: Stamps | None
    epoch: object
    started: float
    load: F
    ended: float = inf


class Flights(Generic[F]):
    """The loads of one event loop, or of all threads, by the name of their value."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._flights: dict[str, _Flight[F]] = {}
        self._landed: deque[tuple[str, _Flight[F]]] = deque()
        self._lock = threading.Lock()

    def find(self, name: str, stamps: Stamps | None, asked: float) -> F | None:
        """Give the load that will not give less than one that began now under these stamps.

        One under the very same stamps; or past Redis, one that began a moment ago and after the last write of
        this process. Units: `asked` is when the reader began, by the monotonic clock; the load ended later.
        """
        flight = self._flights.get(name)
        if flight is None or flight.ended < asked:
            return None
        if stamps is not None:
            return flight.load if flight.stamps == stamps else None
        fresh = flight.epoch is self._state.epoch and monotonic() - flight.started < _JOINED_WITHIN
        return flight.load if fresh else None

    def find_or_add(self, name: str, stamps: Stamps | None, load: F, asked: float) -> F:
        """Give the load to join; add this one, and give it, if there is none."""
        with self._lock:
            found = self.find(name, stamps, asked)
            if found is None:
                self._forget_the_old()
                self._flights[name] = _Flight(stamps, self._state.epoch, monotonic(), load)
            return load if found is None else found

    def land(self, name: str, load: F, *, failed: bool) -> None:
        """Note that a load has ended; one that has failed is forgotten."""
        with self._lock:
            flight = self._flights.get(name)
            if flight is None or flight.load is not load:
                return
            if failed:
                del self._flights[name]
            else:
                flight.ended = monotonic()
                self._landed.append((name, flight))

    def _forget_the_old(self) -> None:
        until = monotonic() - _KEPT
        while self._landed and self._landed[0][1].ended < until:
            name, flight = self._landed.popleft()
            if self._flights.get(name) is flight:
                del self._flights[name]
