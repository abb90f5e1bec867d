"""Waiting in tests: until something is true, never for a time."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_PAUSE = 0.02


def eventually(condition: Callable[[], T], within: float = 10.0) -> T:
    """Give the first truthy answer of the condition; fail when there is none within the seconds."""
    expires = time.monotonic() + within
    while not (answer := condition()):
        if time.monotonic() > expires:
            raise AssertionError(f"not within {within} s: {getattr(condition, '__name__', condition)}")
        time.sleep(_PAUSE)
    return answer


async def eventually_async(condition: Callable[[], T], within: float = 10.0) -> T:
    """As `eventually`, without holding up the event loop."""
    expires = time.monotonic() + within
    while not (answer := condition()):
        if time.monotonic() > expires:
            raise AssertionError(f"not within {within} s: {getattr(condition, '__name__', condition)}")
        await asyncio.sleep(_PAUSE)
    return answer
