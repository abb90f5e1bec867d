"""What has to be written before a process ends.

Apps that hold something back in memory say so when they are ready; `faceitbot.close()` asks them, and so
does the interpreter at its end: a script that never closes anything loses nothing.
"""

import atexit
from collections.abc import Callable

import structlog

from faceitbot.core.errors import FaceitBotError

Drain = Callable[[], object]

log = structlog.get_logger(__name__)
_drains: list[Drain] = []


def before_closing(drain: Drain) -> None:
    """Have a synchronous function called before the connections close; adding it again changes nothing."""
    if drain not in _drains:
        _drains.append(drain)


def drain_everything() -> None:
    """Call them all; what one of them cannot write is logged, and does not keep the others from writing."""
    for drain in _drains:
        try:
            drain()
        except FaceitBotError as error:
            log.warning("drain.failed", message=str(error))


atexit.register(drain_everything)
