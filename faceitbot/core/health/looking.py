"""Looks at checks within a bounded time, whatever is frozen.

What is asked of one server is asked one after the other, in a thread for each server. Once a server fails,
the rest of its checks is not known, and nobody waits for them. One check that cannot look stops no other.
"""

import threading
from collections import defaultdict
from collections.abc import Sequence
from time import monotonic

from django.db import DatabaseError, connections
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from faceitbot.core.errors import FaceitBotError, Unavailable
from faceitbot.core.health.checks import Check, Finding, Needs, State, Text, Verdict, spoken

SECONDS = 5.0  # for all of them together


def look(checks: Sequence[Check], seconds: float = SECONDS) -> list[Verdict]:
    """Look at these checks, and give a verdict for each within the seconds.

    Concurrency: from any thread; a look at a frozen server goes on behind our back until its own timeouts.
    """
    lanes: defaultdict[Needs, list[Check]] = defaultdict(list)
    for check in checks:
        lanes[check.needs].append(check)
    looks = [_Look(lane) for lane in lanes.values()]
    until = monotonic() + seconds
    found: dict[str, Finding] = {}
    for each in looks:
        found |= each.wait(max(until - monotonic(), 0.0))
    return [_verdict(check, found[check.name]) for check in checks]


def look_at(check: Check) -> Verdict:
    """Look at one check in this thread."""
    return _verdict(check, _finding(check))


class _Look:
    """The checks that ask one server, in a thread of their own."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks
        self._found: dict[str, Finding] = {}
        self._is_over = False
        # One that a frozen server holds must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="faceitbot-health", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> dict[str, Finding]:
        """Give what has been found within the seconds, and of the rest that it is not known."""
        self._thread.join(seconds)
        self._is_over = True
        found = dict(self._found)
        for check in self._checks:
            if check.name not in found:
                found[check.name] = _silent() if check.about_server else _unknown()
        return found

    def _run(self) -> None:
        try:
            for check in self._checks:
                finding = _finding(check)
                self._found[check.name] = finding
                is_away = check.about_server and finding.state in (State.DOWN, State.UNKNOWN)
                if is_away or self._is_over:
                    return
        finally:
            connections.close_all()


def _finding(check: Check) -> Finding:
    try:
        return check.look()
    except Unavailable as error:
        return _unknown(str(error))
    except (FaceitBotError, DatabaseError, RedisError, OSError) as error:
        return Finding(State.DEGRADED, _reason(type(error).__name__))


def _verdict(check: Check, finding: Finding) -> Verdict:
    return Verdict(check, finding, finding.since)


def _reason(error: str) -> Text:
    return spoken(lambda: _("It could not be looked at: %(error)s.") % {"error": error})


def _silent() -> Finding:
    return Finding(State.DOWN, spoken(lambda: _("It has not answered in time.")))


def _unknown(error: str = "") -> Finding:
    if error:
        return Finding(State.UNKNOWN, _reason(error))
    return Finding(State.UNKNOWN, spoken(lambda: _("Not known: what has to be asked does not answer.")))
