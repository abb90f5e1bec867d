"""What comes again and again is told once a minute, with how many were left out: a log is to be read."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
EVERY_SECONDS = 60.0
MOST_KINDS = 500  # that are told apart; further ones are told each time


@dataclass
class _Kind:
    told_at: float
    left_out: int = 0


class Flood(Generic[K]):
    """Which of many may be told. Concurrency: from any thread."""

    def __init__(self) -> None:
        self._kinds: dict[K, _Kind] = {}
        self._lock = threading.Lock()

    def admit(self, kind: K, now: float | None = None) -> int | None:
        """Give how many of a kind were left out since the last that was told; None: leave out this one, too.

        `now` is in seconds of the monotonic clock.
        """
        moment = monotonic() if now is None else now
        with self._lock:
            known = self._kinds.get(kind)
            if known is not None and moment - known.told_at < EVERY_SECONDS:
                known.left_out += 1
                return None
            if known is not None or len(self._kinds) < MOST_KINDS:
                self._kinds[kind] = _Kind(moment)
            return known.left_out if known else 0

    def take_rest(self, now: float | None = None) -> dict[K, int]:
        """Forget the kinds whose minute is over, and give how many of them were left out and never told."""
        moment = monotonic() if now is None else now
        with self._lock:
            over = {kind: one for kind, one in self._kinds.items() if moment - one.told_at >= EVERY_SECONDS}
            for kind in over:
                del self._kinds[kind]
        return {kind: one.left_out for kind, one in over.items() if one.left_out}
