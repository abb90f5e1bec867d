"""Looks at what the threads of this process do: each millisecond, or as often as the system can.

The timer counts time of the processor, not of the clock. At each look every thread is asked how much of it
was its own since the last one, which counts for the place where it is now. A look comes between two steps of
the interpreter, so code in C counts for the line that called it.
"""

import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

ROOT = str(Path(__file__).resolve().parent.parent)
EVERY = 0.001
MOST = 12
WHOLE = 0.95  # what takes more than that is whatever runs the rest
# What a file belongs to, by the first of these that stands in its path; ours begin with the project's folder.
LAYERS = {
    "/redis/": "redis-py: commands packed, answers read",
    "/asyncio/": "asyncio: the event loop",
    "selectors.py": "asyncio: the event loop",
    "/django/": "Django: instances, statements of the import",
    "/psycopg_pool/": "psycopg: its pool",
    "/psycopg": "psycopg: the protocol, values read and written",
    "/structlog/": "structlog: log lines",
    "/logging/": "structlog: log lines",
    "/prometheus_client/": "monitoring: counters and durations",
    "/json/": "json",
    "/faceitbot/core/statements/": "shared statements: compiled.py, line.py, look_ups.py, tallies.py",
    "/faceitbot/core/batching": "shared statements: batching.py, places.py",
    "/faceitbot/core/places": "shared statements: batching.py, places.py",
    "/faceitbot/core/monitoring/": "monitoring: counters and durations",
    "/faceitbot/monitoring/": "monitoring: counters and durations",
    "/faceitbot/core/cache/": "cache: keys, rows, protocol, telling of writes",
    "/faceitbot/core/turns": "turns of the loop: turns.py",
    "/faceitbot/core/": "the rest of the core: decorators, checks of values, events",
    "/faceitbot/legacy/": "import: records read, decided and written",
    "/analytics/": "metrics: checked, made a line of COPY, written",
    "/subscriptions/": "subscriptions: the answer made of a row, rules of grants",
    "/users/": "users: the repository",
    "/stats/": "stats: players' cards",
    "/bench/": "the measurement itself",
}


class Sampler:
    """Adds up what the threads do, while it is on. Units: seconds of the processor."""

    def __init__(self) -> None:
        self.looks = 0
        self.layers: Counter[str] = Counter()
        self.places: Counter[str] = Counter()
        self.within: Counter[str] = Counter()  # of each function, also when it has called another
        self._spent: dict[int, float] = {}

    def __enter__(self) -> "Sampler":
        self._spent = {thread: _spent(thread) for thread in sys._current_frames()}  # noqa: SLF001
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)

    def _look(self, _number: int, interrupted: FrameType | None) -> None:
        self.looks += 1
        here = threading.get_ident()
        for thread, frame in sys._current_frames().items():  # noqa: SLF001
            spent = _spent(thread)
            took = spent - self._spent.get(thread, 0.0)
            self._spent[thread] = spent
            place = interrupted if thread == here else frame
            if took > 0 and place is not None:
                self._add(place, took)

    def _add(self, frame: FrameType, took: float) -> None:
        add(self.layers, layer_of(frame.f_code.co_filename), took)
        add(self.places, _name(frame), took)
        seen = set()
        at: FrameType | None = frame
        while at is not None:
            seen.add(_name(at))
            at = at.f_back
        for name in seen:
            add(self.within, name, took)

    def tell(self, title: str, calls: int) -> None:
        """Write the dearest places to the standard error."""
        whole = sum(self.layers.values())
        for way, counted in (("itself", self.places), ("with what it calls", self.within)):
            sys.stderr.write(f"\n{title}, {way}:\n")
            parts = [(name, took) for name, took in counted.most_common() if took < whole * WHOLE]
            for name, took in parts[:MOST]:
                sys.stderr.write(f"  {took / whole:6.1%} {took / calls * 1e6:8.1f} us  {name}\n")


def add(counted: "Counter[str]", name: str, took: float) -> None:
    """Add seconds, which a `Counter` can hold, but is not declared to."""
    counted[name] += took  # type: ignore[assignment]


def layer_of(path: str) -> str:
    """Give the layer that a file belongs to."""
    path = path.removeprefix(ROOT)
    return next((layer for part, layer in LAYERS.items() if part in path), "the rest of Python")


def _spent(thread: int) -> float:
    """Give the time of the processor that a thread that runs has had."""
    return time.clock_gettime(time.pthread_getcpuclockid(thread))


def _name(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    return f"{'/'.join(path.parts[-2:])} {frame.f_code.co_qualname}"
