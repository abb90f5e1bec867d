"""Where the processor's time of a whole handler goes: looks a thousand times a second at what runs.

The timer counts time of the processor, not of the clock, and the look comes between two steps of the
interpreter, so code in C counts for the line that called it.
"""

import asyncio
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from bench.operations.handlers import HANDLER
from bench.operations.running import everybody
from bench.results import Result
from bench.sizes import FULL, Size
from bench.world import world

EVERY = 0.001
TASKS = 50
SECONDS = {True: 12.0, False: 1.0}  # by whether it is the full size
MOST = 25
# What a file belongs to, by the first of these that stands in its path.
LAYERS = {
    "/faceitbot/core/statements/": "shared statements: compiled.py, line.py, look_ups.py, tallies.py",
    "/faceitbot/core/batching": "shared statements: batching.py",
    "/faceitbot/core/monitoring/": "monitoring: counters and durations",
    "/faceitbot/core/cache/": "cache: keys, protocol, telling of writes",
    "/faceitbot/core/": "the rest of the core: decorators, checks of values, events",
    "/analytics/": "metrics: checked, made a line of COPY, written",
    "/subscriptions/": "limits: the answer made of a row",
    "/users/": "users: the repository",
    "/django/": "Django: instances made of rows",
    "/psycopg_pool/": "psycopg: its pool",
    "/psycopg": "psycopg: the protocol, values read and written",
    "/asyncio/": "asyncio: the event loop",
    "selectors.py": "asyncio: the event loop",
    "/structlog/": "structlog: log lines",
    "/logging/": "structlog: log lines",
    "/prometheus_client/": "monitoring: counters and durations",
    "/json/": "json: the tags of metrics",
    "/bench/": "the measurement itself",
}


class Sampler:
    """Counts what the main thread does, while it is on."""

    def __init__(self) -> None:
        self.layers: Counter[str] = Counter()
        self.places: Counter[str] = Counter()
        self.within: Counter[str] = Counter()  # of each function, also when it has called another

    def __enter__(self) -> "Sampler":
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        if frame is None:
            return
        self.layers[layer_of(frame.f_code.co_filename)] += 1
        self.places[_name(frame)] += 1
        seen = set()
        while frame is not None:
            seen.add(_name(frame))
            frame = frame.f_back
        self.within.update(seen)


def layer_of(path: str) -> str:
    """Give the layer that a file belongs to."""
    return next((layer for part, layer in LAYERS.items() if part in path), "the rest of Python")


def _name(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    return f"{'/'.join(path.parts[-2:])} {frame.f_code.co_qualname}"


async def profile(size: Size) -> Result:
    """Serve updates among 50 tasks, and say where the time went."""
    call = HANDLER.contenders[0].call
    ends = 0.0
    served = 0

    async def work(first: int) -> None:
        nonlocal served
        number = first
        while time.perf_counter() < ends:
            await call(number % world.users)
            number += TASKS
            served += 1

    async with everybody(size):
        await HANDLER.contenders[0].prepare()
        ends = time.perf_counter() + 0.5
        await asyncio.gather(*(work(task) for task in range(TASKS)))
        served, sampler = 0, Sampler()
        ends = time.perf_counter() + SECONDS[size is FULL]
        cpu = time.process_time()
        with sampler:
            await asyncio.gather(*(work(task) for task in range(TASKS)))
        cpu = (time.process_time() - cpu) / served * 1e6
        await HANDLER.contenders[0].finish()
    return _result(sampler, cpu, served)


def _result(sampler: Sampler, cpu: float, served: int) -> Result:
    looks = sum(sampler.layers.values())
    result = Result("profile", "where the time of a handler goes", ("what", "share", "CPU us a handler"))
    for layer, found in sampler.layers.most_common():
        result.lines.append([layer, f"{found / looks:.1%}", f"{found / looks * cpu:,.1f}"])
    result.remarks.append(
        f"{served:,} handlers by {TASKS} tasks, {cpu:,.0f} us of the processor each, {looks:,} looks."
    )
    result.figures = {"cpu": cpu, "handlers": served, "layers": dict(sampler.layers)}
    for title, counted in (("itself", sampler.places), ("with what it calls", sampler.within)):
        sys.stderr.write(f"\n{title}:\n")
        for name, found in counted.most_common(MOST):
            sys.stderr.write(f"  {found / looks:6.1%} {found / looks * cpu:8.1f} us  {name}\n")
    return result


MEASUREMENTS = {"profile": profile}
