"""Calls that an event loop has under way, and those that were refused."""

from types import TracebackType

from prometheus_client import Counter, Gauge

from faceitbot.core.errors import Unavailable

WAITING = Gauge("faceitbot_queue_calls", "Calls that an event loop has under way: they wait, or run.")
REFUSED = Counter("faceitbot_queue_refused", "Calls that were not taken up.", ["reason"])
REASONS = ("queue_full", "deadline", "shutting_down")

for _reason in REASONS:
    REFUSED.labels(_reason)


class Waiting:
    """Counts a call while it waits and runs, and when it was refused."""

    __slots__ = ()

    def __enter__(self) -> None:
        WAITING.inc()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        WAITING.dec()
        reason = error.context.get("reason") if isinstance(error, Unavailable) else None
        if reason in REASONS:
            REFUSED.labels(reason).inc()


def queue_full(waiting: int) -> Unavailable:
    """Give the error of a call that finds too many before it."""
    return Unavailable(
        f"{waiting} calls are waiting already (TRANSACTION_QUEUE_SIZE); this one was not taken up",
        reason="queue_full",
    )


def too_late(seconds: float) -> Unavailable:
    """Give the error of a call that has waited for too long."""
    return Unavailable(f"the call was not taken up within {seconds} s", reason="deadline")
