"""Calls that an event loop has under way, and those that were refused."""

import threading
from types import TracebackType

from prometheus_client import Counter, Gauge

from faceitbot.core.errors import Unavailable

WAITING = Gauge("faceitbot_queue_calls", "Calls that an event loop has under way: they wait, or run.")
REFUSED = Counter("faceitbot_queue_refused", "Calls that were not taken up.", ["reason"])
REASONS = ("queue_full", "deadline", "shutting_down")

for _reason in REASONS:
    REFUSED.labels(_reason)


class _UnderWay:
    """How many calls event loops have under way; a gauge's own lock takes three times as long."""

    def __init__(self) -> None:
        self.number = 0
        self.lock = threading.Lock()


_calls = _UnderWay()


def under_way() -> int:
    """Give how many calls event loops have under way."""
    return _calls.number


WAITING.set_function(under_way)


class Waiting:
    """Counts a call while it waits and runs, and when it was refused."""

    __slots__ = ()

    def __enter__(self) -> None:
        with _calls.lock:
            _calls.number += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _calls.lock:
            _calls.number -= 1
        if isinstance(error, Unavailable) and error.context.get("reason") in REASONS:
            REFUSED.labels(error.context["reason"]).inc()


def queue_full(waiting: int) -> Unavailable:
    """Give the error of a call that finds too many before it."""
    return Unavailable(
        f"{waiting} calls are waiting already (TRANSACTION_QUEUE_SIZE); this one was not taken up",
        reason="queue_full",
    )


def too_late(seconds: float) -> Unavailable:
    """Give the error of a call that has waited for too long."""
    return Unavailable(f"the call was not taken up within {seconds} s", reason="deadline")


def shutting_down() -> Unavailable:
    """Give the error of a call that comes, or still waits, while the process ends."""
    return Unavailable("the process is shutting down", reason="shutting_down")
