"""Failures grouped by method and class, in memory until somebody writes them.

Each error is noted once, where it was met first, however many callers it passes on its way out.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from faceitbot.core import clock
from faceitbot.core.correlation import correlation_id
from faceitbot.core.errors import FaceitBotError
from faceitbot.core.monitoring.floods import Flood

MOST_GROUPS = 500  # that wait to be written; further ones are one group
MAX_LENGTH = 150
Key = tuple[str, str]  # method, class
Listener = Callable[[str, BaseException], object]


@dataclass
class Group:
    """How often an error was met since the groups were taken last, and by which call at the end."""

    method: str
    error_class: str
    first_seen: datetime
    last_seen: datetime
    last_correlation_id: str = ""
    count: int = 0


log = structlog.get_logger(__name__)
_NOTED = "_faceitbot_noted"
_lock = threading.Lock()
_groups: dict[Key, Group] = {}
_listeners: list[Listener] = []
_flood = Flood[Key]()  # a database that is away fails every call


def note(method: str, error: BaseException) -> None:
    """Count an error under the method that it ended, and tell the listeners; once for each error.

    Of each method and class one a minute is logged.
    """
    if getattr(error, _NOTED, False):
        return
    setattr(error, _NOTED, True)
    name = type(error).__name__
    code = error.code if isinstance(error, FaceitBotError) else ""
    left_out = _flood.admit((method, name))
    if left_out is not None:
        rest = {"left_out": left_out} if left_out else {}
        log.warning("call.failed", call=method, error=name, code=code, **rest)
    now, current = clock.now(), correlation_id()
    with _lock:
        group = _group(method[:MAX_LENGTH], name[:MAX_LENGTH], now)
        group.count += 1
        group.last_seen, group.last_correlation_id = now, current
    for listener in _listeners:
        listener(method, error)


def tell_of_the_rest() -> None:
    """Log how many were left out of the log, of what has come to an end."""
    for (method, name), number in _flood.take_rest().items():
        log.warning("calls.failed", call=method, error=name, left_out=number)


def take() -> list[Group]:
    """Give the groups, and begin anew."""
    with _lock:
        taken = list(_groups.values())
        _groups.clear()
    return taken


def give_back(groups: list[Group]) -> None:
    """Keep groups that could not be written, together with what has come since."""
    with _lock:
        for old in groups:
            kept = _group(old.method, old.error_class, old.first_seen)
            if not kept.count:
                kept.last_correlation_id = old.last_correlation_id
            kept.count += old.count
            kept.first_seen = min(kept.first_seen, old.first_seen)
            kept.last_seen = max(kept.last_seen, old.last_seen)


def add_listener(listener: Listener) -> None:
    """Let a function see each error when it is noted; it must be quick, and raise nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def remove_listener(listener: Listener) -> None:
    """Let a function see no more errors."""
    if listener in _listeners:
        _listeners.remove(listener)


def _group(method: str, error_class: str, now: datetime) -> Group:
    key = method, error_class
    if key not in _groups and len(_groups) >= MOST_GROUPS:
        key = "other", "other"
    return _groups.setdefault(key, Group(*key, now, now))
