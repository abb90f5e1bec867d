"""Calls that an event loop has given to the threads."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge

from faceitbot.core.errors import Unavailable

WAITING = Gauge("faceitbot_queue_calls", "Calls that an event loop has under way: they wait, or run.")
REFUSED = Counter("faceitbot_queue_refused", "Calls that no thread has taken.", ["reason"])
REASONS = ("queue_full", "deadline", "shutting_down")

for _reason in REASONS:
    REFUSED.labels(_reason)


@contextmanager
def waiting() -> Iterator[None]:
    """Count a call while it waits and runs, and when it was refused."""
    WAITING.inc()
    try:
        yield
    except Unavailable as error:
        reason = error.context.get("reason")
        if reason in REASONS:
            REFUSED.labels(reason).inc()
        raise
    finally:
        WAITING.dec()
