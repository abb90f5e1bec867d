"""Looks at all checks now and then, so that it is known since when something is wrong."""

import random
import threading

import structlog

from faceitbot.core.health import registry
from faceitbot.core.health.checks import State
from faceitbot.core.health.looking import look
from faceitbot.core.health.memory import remember
from faceitbot.core.monitoring.states import note_verdicts

EVERY_SECONDS = 15.0
log = structlog.get_logger(__name__)


class Watch:
    """One thread; a second process that watches notes the same."""

    def __init__(self) -> None:
        self._ends = threading.Event()
        self._states: dict[str, State] = {}
        self._thread = threading.Thread(target=self._watch, name="faceitbot-watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ends.set()

    def _watch(self) -> None:
        pause = 0.0
        while not self._ends.wait(pause):
            pause = EVERY_SECONDS * random.uniform(0.9, 1.1)  # noqa: S311 - jitter
            try:
                self._look()
            except Exception:  # a bug in one look must not end the others
                log.exception("health.failed")

    def _look(self) -> None:
        verdicts = remember(look(registry.checks()))
        note_verdicts(verdicts)
        for verdict in verdicts:
            before = self._states.get(verdict.name, State.FINE)
            if verdict.state != before:
                log.warning(
                    "health.changed", check=verdict.name, before=before.value, state=verdict.state.value
                )
            self._states[verdict.name] = verdict.state
