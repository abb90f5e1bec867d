"""The correlation id: one per update, request or command, on every log line that it causes.

It lives in a context variable, so tasks inherit it and the transaction threads receive it with the
caller's context.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex

_current: ContextVar[str] = ContextVar("faceitbot_correlation_id", default="")
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def correlation_id() -> str:
    """Give the id of what is being worked on, "" outside of anything."""
    return _current.get()


@contextmanager
def correlation(wanted: str | None = None) -> Iterator[str]:
    """Give everything within the block one id: the wanted one if it is well-formed, else a new one."""
    chosen = wanted if wanted and _ACCEPTABLE.fullmatch(wanted) else token_hex(8)
    token = _current.set(chosen)
    try:
        yield chosen
    finally:
        _current.reset(token)
