"""Loads that are under way, for other readers of their keys to join."""

import threading
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from faceitbot.core.cache.entry import Stamps
from faceitbot.core.cache.state import State

F = TypeVar("F")
_JOINED_WITHIN = 0.5  # seconds, past Redis, where no stamps tell of the writes of other processes


@dataclass(frozen=True)
class _Flight(Generic[F]):
    stamps: Stamps | None
    epoch: object
    started: float
    load: F


class Flights(Generic[F]):
    """The loads of one event loop, or of all threads, by the name of their value."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._flights: dict[str, _Flight[F]] = {}
        self._lock = threading.Lock()

    def find(self, name: str, stamps: Stamps | None) -> F | None:
        """Give the load that will not give less than one that began now under these stamps.

        One under the very same stamps; or past Redis, one that began a moment ago and after the last write of
        this process.
        """
        flight = self._flights.get(name)
        if flight is None or flight.stamps != stamps:
            return None
        fresh = flight.epoch is self._state.epoch and monotonic() - flight.started < _JOINED_WITHIN
        return flight.load if stamps is not None or fresh else None

    def find_or_add(self, name: str, stamps: Stamps | None, load: F) -> F:
        """Give the load to join; add this one, and give it, if there is none."""
        with self._lock:
            found = self.find(name, stamps)
            if found is None:
                self._flights[name] = _Flight(stamps, self._state.epoch, monotonic(), load)
            return load if found is None else found

    def remove(self, name: str, load: F) -> None:
        """Forget a load that has ended."""
        with self._lock:
            flight = self._flights.get(name)
            if flight is not None and flight.load is load:
                del self._flights[name]
