"""The thread of a process that lives long: asks the event loop, writes errors and samples.

Whatever fails in a round is logged, and the next round comes. Commands that end soon have no such thread:
they say what went wrong themselves. A process that ends within its first ten seconds leaves no sample.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic

import structlog
from django.db import DatabaseError, connections

from faceitbot.core import closing
from faceitbot.core.errors import FaceitBotError
from faceitbot.core.models import ProcessKind
from faceitbot.core.monitoring import errors, event_loops
from faceitbot.core.monitoring.error_rows import write_errors
from faceitbot.core.monitoring.errors import Group
from faceitbot.core.monitoring.samples import EVERY_SECONDS, Sampler

ASK_SECONDS = 0.5
WRITE_SECONDS = 5.0
Reader = Callable[[Sequence[Group]], object]
log = structlog.get_logger(__name__)
_readers: list[Reader] = []
_lock = threading.Lock()
_watch: "Watch | None" = None


class Watch:
    """The thread and its times."""

    def __init__(self, kind: ProcessKind) -> None:
        self._sampler = Sampler(kind)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="faceitbot-monitoring", daemon=True)
        self._asker = threading.Thread(target=self._ask, name="faceitbot-loop-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()
        self._asker.start()

    def end(self) -> None:
        """Watch no more, once what is being written is written."""
        self._ends.set()
        self._thread.join()
        self._asker.join()
        _safely(partial(self._tell, self._sampler.end))

    def _ask(self) -> None:
        """Ask the loop, in a thread of its own: that of the rows may wait for the database."""
        while not self._ends.wait(ASK_SECONDS):
            _safely(event_loops.watch.ask)

    def _run(self) -> None:
        sampled_at = monotonic()
        while not self._ends.wait(WRITE_SECONDS):
            _safely(partial(write_what_was_met, _readers))
            _safely(errors.tell_of_the_rest)
            if monotonic() - sampled_at >= EVERY_SECONDS - ASK_SECONDS:
                sampled_at = monotonic()
                _safely(partial(self._tell, self._sampler.write))

    def _tell(self, tell: Callable[[], object]) -> None:
        try:
            tell()
        except (FaceitBotError, DatabaseError) as error:
            log.warning("sample.dropped", error=type(error).__name__)
        finally:
            connections.close_all()


def start(kind: ProcessKind) -> None:
    """Watch this process until `stop`; said again, it changes nothing."""
    global _watch  # noqa: PLW0603 - one for each process
    with _lock:
        if _watch is None:
            _watch = Watch(kind)
            _watch.start()
            closing.before_closing(write_what_was_met)


def stop() -> None:
    """Watch this process no more."""
    global _watch
    with _lock:
        ended, _watch = _watch, None
    if ended is not None:
        ended.end()


def add_reader(reader: Reader) -> None:
    """Have a function called with the errors that were met since the last time, every few seconds.

    It is called whether they could be written or not, by a thread that may wait. What it raises is logged.
    """
    if reader not in _readers:
        _readers.append(reader)


def write_what_was_met(readers: Sequence[Reader] = ()) -> None:
    """Write the errors that were met since the last time, and let the readers see them."""
    try:
        groups = write_errors()
        for reader in readers if groups else ():
            _safely(partial(reader, groups))
    finally:
        connections.close_all()


def _safely(step: Callable[[], object]) -> None:
    """Log whatever a step raises: without the thread, nobody would learn of anything any more."""
    try:
        step()
    except Exception:  # one that nobody foresaw
        log.exception("monitoring.failed")
