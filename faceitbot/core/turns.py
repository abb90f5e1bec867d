"""Keeps calls that wait for nobody from holding up the event loop.

A coroutine that has its answer at once does not let others run. Hundreds of them in one turn of the loop, or
one that calls again and again, would keep timers and answers of servers waiting. So such calls have some
milliseconds in each turn, and who comes later stands in line::

    if turns.is_over():
        await turns.next_one()

First come, first served: while somebody stands in line, who calls anew stands behind him. Whose turn it is
may call several times, as a handler does.
"""

import asyncio
import threading
from collections import deque
from time import monotonic
from typing import Any

_SECONDS = 0.004
_SECONDS_EACH = 0.0001  # of these, while others stand in line
_MOST_IN_LINE = 2_000  # who comes when so many stand there gives way once: a line must have an end
_MOST = 64  # are woken for a turn: who is woken for nothing costs some microseconds


class _Turns:
    """The turns of one event loop, from the first call that finds nobody before it to the last in line."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._until = monotonic() + _SECONDS
        self._has_begun = True
        self._caller: asyncio.Task[Any] | None = None  # whose turn it is
        self._caller_until = 0.0
        self._line: deque[asyncio.Future[None]] = deque()
        self._too_late: deque[asyncio.Future[None]] = deque()  # were woken, and the turn was over
        self._waiting = 0  # with those who are woken and have not come yet
        loop.call_soon(self._next)

    def is_over(self) -> bool:
        now = monotonic()
        if now > self._until:
            return True
        if not self._waiting:
            return False
        return now > self._caller_until or asyncio.current_task() is not self._caller

    async def next_one(self) -> None:
        if self._waiting >= _MOST_IN_LINE:
            await asyncio.sleep(0)
            return
        self._waiting += 1
        line = self._line
        try:
            while True:
                place = self.loop.create_future()
                line.append(place)
                await place
                now = monotonic()
                if not self._has_begun:  # by the first to come, so each turn has one, however late he is
                    self._has_begun = True
                    self._until = now + _SECONDS
                elif now > self._until:
                    line = self._too_late
                    continue
                self._caller, self._caller_until = asyncio.current_task(), now + _SECONDS_EACH
                return
        finally:
            self._waiting -= 1

    def _next(self) -> None:
        """End a turn, and wake those whose turn is the next."""
        self._line.extendleft(reversed(self._too_late))
        self._too_late.clear()
        if not self._waiting:
            _here.turns = None
            return
        self._has_begun = False
        for _place in range(min(_MOST, len(self._line))):
            place = self._line.popleft()
            if not place.done():  # its caller may have been cancelled
                place.set_result(None)
        self.loop.call_soon(self._next)


class _Here(threading.local):
    turns: _Turns | None = None


_here = _Here()


def is_over() -> bool:
    """Say whether calls that wait for nobody have had their time in this turn of the running loop."""
    loop = asyncio.get_running_loop()
    turns = _here.turns
    if turns is not None and turns.loop is loop:
        return turns.is_over()
    _here.turns = _Turns(loop)
    return False


async def next_one() -> None:
    """Stand in line until it is the caller's turn. To be asked for when this turn `is_over`."""
    assert _here.turns is not None  # noqa: S101 - `is_over` has made them; tells mypy
    await _here.turns.next_one()
