"""Business events, handed to whoever listens.

Lower apps call `emit`; an app above them registers a sink when it is ready. A sink must be quick and must
not fail the caller: what it raises is logged and dropped.
"""

from collections.abc import Callable, Mapping

import structlog
from django.db import transaction

Tags = Mapping[str, str]
Sink = Callable[[str, float, Tags], None]

log = structlog.get_logger(__name__)
_sinks: list[Sink] = []


def add_sink(sink: Sink) -> None:
    """Let a sink receive every event from now on; adding it again changes nothing."""
    if sink not in _sinks:
        _sinks.append(sink)


def remove_sink(sink: Sink) -> None:
    """Stop a sink from receiving events."""
    if sink in _sinks:
        _sinks.remove(sink)


def emit(name: str, value: float = 1.0, tags: Tags | None = None) -> None:
    """Report a business event, named `noun.verb`, once the open transaction has committed."""
    tags = dict(tags or {})
    # Robust: what the event tells of has committed, and must not look failed because of a sink.
    transaction.on_commit(lambda: log.info(name, value=value, tags=tags), robust=True)
    for sink in _sinks:
        transaction.on_commit(_delivery(sink, name, value, tags), robust=True)


def _delivery(sink: Sink, name: str, value: float, tags: Tags) -> Callable[[], None]:
    def deliver() -> None:
        sink(name, value, tags)

    return deliver
