"""Fails at once what has just failed several times, so that callers do not queue up to find out again."""

from collections import deque
from time import monotonic


class Breaker:
    """Opens for `open_seconds` when `failures` calls have failed within `within_seconds`.

    A few failures may be the fault of a few calls; many at once are the server's.
    """

    def __init__(self, failures: int, within_seconds: float, open_seconds: float) -> None:
        self._failures: deque[float] = deque(maxlen=failures)
        self._within_seconds = within_seconds
        self._open_seconds = open_seconds

    def record_failure(self) -> None:
        """Remember that a call has failed just now."""
        self._failures.append(monotonic())

    def trip(self) -> None:
        """Open at once: this failure was no call's fault."""
        self._failures.extend([monotonic()] * (self._failures.maxlen or 1))

    def is_open(self) -> bool:
        """Say whether a call is bound to fail."""
        recent = list(self._failures)
        return (
            len(recent) == self._failures.maxlen
            and recent[-1] - recent[0] < self._within_seconds
            and monotonic() - recent[-1] < self._open_seconds
        )
