"""Business events, handed to whoever listens.

Lower apps call `emit`; an app above them registers a sink when it is ready. A sink must be quick and must
not fail the caller: what it raises is logged and dropped.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import structlog
from django.db import transaction

from faceitbot.core.open_transactions import is_open_here
from faceitbot.core.thread_values import during

Tags = Mapping[str, str]
Sink = Callable[[str, float, Tags], None]

log = structlog.get_logger(__name__)
_lines = logging.getLogger(__name__)
_sinks: list[Sink] = []
_here = threading.local()


def add_sink(sink: Sink) -> None:
    """Let a sink receive every event from now on; adding it again changes nothing."""
    if sink not in _sinks:
        _sinks.append(sink)


def remove_sink(sink: Sink) -> None:
    """Stop a sink from receiving events."""
    if sink in _sinks:
        _sinks.remove(sink)


def emit(name: str, value: float = 1.0, tags: Tags | None = None) -> None:
    """Report a business event, named `noun.verb`, once the open transaction has committed.

    Without an open transaction it is reported at once; an event loop may do that, too, for nothing waits.
    """
    own = dict(tags or {})
    gather: Sink | None = getattr(_here, "gather", None)
    if gather is not None:
        gather(name, value, own)
    elif is_open_here():
        transaction.on_commit(partial(_deliver, name, value, own), robust=True)
    else:
        _deliver(name, value, own)


@contextmanager
def gathered(gather: Sink) -> Iterator[None]:
    """Hand what this thread reports in this block to `gather`, at once, and to no sink.

    For who makes up a past and stores its events himself, in the transaction that is open: each at its own
    moment, and none that has been undone.
    """
    with during(_here, "gather", gather):
        yield


def _deliver(name: str, value: float, tags: Tags) -> None:
    if _lines.isEnabledFor(logging.INFO):  # a line that nobody wants takes longer to drop than to ask
        log.info(name, value=value, tags=tags)
    for sink in _sinks:
        try:
            sink(name, value, tags)
        except Exception:  # what the event tells of has happened, and must not look failed because of a sink
            log.exception("sink.failed", event_name=name)
