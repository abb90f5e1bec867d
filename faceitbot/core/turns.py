"""Keeps calls that wait for nobody from holding up the event loop.

A coroutine that has its answer at once does not let others run. Hundreds of them in one turn of the loop, or
one that calls again and again, would keep timers and answers of servers waiting. So after some milliseconds
in one turn they give way to whatever else is due.
"""

import asyncio
import threading
from time import monotonic

_SECONDS = 0.004


class _Turn(threading.local):
    """What is known of the turn of the loop that runs in this thread."""

    _loop: asyncio.AbstractEventLoop | None = None
    _until = 0.0

    def is_over(self) -> bool:
        """Say whether such calls have had their time in this turn, which begins with the first of them."""
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return monotonic() > self._until
        self._loop, self._until = loop, monotonic() + _SECONDS
        loop.call_soon(self._end)
        return False

    def _end(self) -> None:
        self._loop = None


turn = _Turn()


async def give_way() -> None:
    """Let everybody else who is due have his turn, once: to wait for longer would be to starve behind those
    who come first each time.
    """
    await asyncio.sleep(0)
