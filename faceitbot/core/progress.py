"""Shows how far long work has come: a bar on a terminal, plain lines in a log."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

SECONDS_BETWEEN_LINES = 5.0

# Called with how much of the stage is done, in the unit of its total.
Advance = Callable[[int], None]
# Opens one stage: its name and its total.
Stages = Callable[[str, int], AbstractContextManager[Advance]]


def stages(stream: TextIO) -> Stages:
    """Give what shows progress on this stream."""
    return _bars(stream) if stream.isatty() else _lines(stream)


def _bars(stream: TextIO) -> Stages:
    @contextmanager
    def stage(name: str, total: int) -> Iterator[Advance]:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(show_speed=True))
        console = Console(file=stream)
        with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
            task = progress.add_task(name, total=total)
            yield lambda done: progress.update(task, completed=done)

    return stage


def _lines(stream: TextIO) -> Stages:
    @contextmanager
    def stage(name: str, total: int) -> Iterator[Advance]:
        began = told = time.monotonic()

        def advance(done: int) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told >= SECONDS_BETWEEN_LINES and done:
                told = now
                rate = done / max(now - began, 0.001)
                left = (total - done) / rate
                share = done * 100 // max(total, 1)
                stream.write(f"{name}: {share} %, {rate:.0f} a second, {left:.0f} s left\n")
                stream.flush()

        yield advance

    return stage
