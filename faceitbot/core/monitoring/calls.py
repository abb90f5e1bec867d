"""Calls of repository methods: how many, how long, how they ended.

A call within another one counts, too. What a cache has answered never gets here.

A caller who is cancelled is no error. A body that runs in a thread counts as it ends, whether its caller
waits or not, and not at all when it never began. Of a call that shares a statement nobody sees the end then:
it is counted as cancelled, with the time until its caller left.
"""

from asyncio import CancelledError
from enum import StrEnum
from time import monotonic
from types import TracebackType

import structlog
from prometheus_client import Counter

from faceitbot.core.errors import FaceitBotError, OutcomeUnknown, Unavailable
from faceitbot.core.hot_settings import hot_settings
from faceitbot.core.monitoring import errors
from faceitbot.core.monitoring.durations import Durations

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
OTHER = "other"  # functions given to `atomically`, and our own housekeeping


class Outcome(StrEnum):
    """How a call has ended.

    Refused: a rule said no, as it should; unknown: lost during COMMIT; cancelled: its caller did not wait.
    """

    DONE = "done"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"


ERRORS = (Outcome.UNAVAILABLE, Outcome.UNKNOWN, Outcome.FAILED)
DURATIONS = Durations(
    "faceitbot_repository_call",
    "Calls of repository methods, waiting for a thread not included",
    ["method", "outcome"],
    BUCKETS,
)
SLOW = Counter("faceitbot_repository_slow_calls", "Calls longer than SLOW_CALL_MILLISECONDS.")
log = structlog.get_logger(__name__)
_declared: set[str] = set()
_DONE = Outcome.DONE.value


def declare(method: str) -> None:
    """Make a method known: its counters begin at 0, so that its first failure is an increase."""
    if method not in _declared:
        _declared.add(method)
        for outcome in Outcome:
            DURATIONS.declare(method, outcome.value)


declare(OTHER)
DURATIONS.declare(OTHER, _DONE, with_duration=True)


class Measured:
    """Measures the block, which is one call."""

    __slots__ = ("_name", "_started")

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._started = monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = monotonic() - self._started
        known = self._name in _declared
        outcome = _DONE if error is None else outcome_of(error).value
        DURATIONS.add(seconds, self._name if known else OTHER, outcome)
        if seconds * 1000 > hot_settings.SLOW_CALL_MILLISECONDS:
            SLOW.inc()
            log.warning("call.slow", call=self._name, duration_ms=round(seconds * 1000))
        # What our housekeeping cannot do it says itself, or tries again.
        if known and outcome in ERRORS and error is not None:
            errors.note(self._name, error)


def outcome_of(error: BaseException | None) -> Outcome:
    """Say how a call has ended that let this error out, or none."""
    match error:
        case None:
            return Outcome.DONE
        case OutcomeUnknown():
            return Outcome.UNKNOWN
        case Unavailable():
            return Outcome.UNAVAILABLE
        case FaceitBotError():
            return Outcome.REFUSED
        case CancelledError():
            return Outcome.CANCELLED
    return Outcome.FAILED
