"""Measures contenders in turns, so that a slow minute of the machine meets all of them alike."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, NamedTuple

from bench.peers.peer import Peer

TICK = 0.002
FEWEST, MOST = 100, 10_000  # calls of a round
A_TURN = 300  # calls in one turn of the event loop of those who do not wait


async def nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Contender:
    """One way to do the same thing.

    `call` gets the number of the call; `is_right` judges its answer at once, which is not counted: answers
    that are kept would occupy the garbage collector. `prepare` comes before each round, `finish` belongs to
    its time. `served` gives a running count of those calls that went the way they should. `peer` is what has
    to be installed for it. `waits` is false where a call only leaves something to be done: the loop has to be
    given its turn by us, as a handler would that awaits anything else. `rival` is somebody else's way for
    which nothing has to be installed.
    """

    name: str
    call: Callable[[int], Awaitable[Any]]
    is_right: Callable[[int, Any], bool]
    prepare: Callable[[], Awaitable[None]] = nothing
    served: Callable[[], int] | None = None
    finish: Callable[[], Awaitable[None]] = nothing
    peer: Peer | None = None
    waits: bool = True
    rival: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether what it does is to be answered for by us."""
        return not self.rival and self.peer is None


@dataclass(frozen=True)
class Target:
    """How many times as fast as somebody else we want to be, among so many tasks."""

    ours: str
    rival: str
    at_least: float
    tasks: int = 50


@dataclass(frozen=True)
class Operation:
    """What is measured: the same thing, done by each contender.

    `total` is the SQL of a number that each call raises by one: the server's own word that it was done.
    """

    name: str
    title: str
    contenders: Sequence[Contender]
    targets: Sequence[Target] = ()
    tasks: Sequence[int] = (1, 50, 200)
    total: str = ""


class Round(NamedTuple):
    """One round. Units: `wall`, `cpu` microseconds a call; `p50`, `p99` how long a caller waited, in
    microseconds; `statements` a call; `stall` the longest time that the event loop was late, in milliseconds.
    """

    wall: float
    cpu: float
    p50: float
    p99: float
    statements: float
    stall: float


@dataclass
class Samples:
    """One contender's rounds."""

    rounds: list[Round] = field(default_factory=list)
    calls: int = 0
    served: int = 0

    def median(self, name: str) -> float:
        """Give the median of a figure over the rounds."""
        return median(self.all(name))

    def all(self, name: str) -> list[float]:
        """Give a figure of each round."""
        return [getattr(each, name) for each in self.rounds]

    @property
    def as_meant(self) -> float:
        """Give which share of the calls went the way they should."""
        return self.served / self.calls


class Server:
    """What the database says of itself."""

    def statements(self) -> int:
        """Give how many statements it has run."""
        return 0

    def number(self, _sql: str) -> int:
        """Give the number that a statement gives."""
        return 0


async def measure(
    operation: Operation,
    *,
    tasks: int,
    rounds: int,
    seconds: float,
    server: Server,
    most: int = MOST,
) -> dict[str, Samples]:
    """Give each contender's samples; first rounds that warm up, and find out how many calls take that long,
    are left out.

    Errors: `AssertionError` for a wrong answer.
    """
    contenders = [each for each in operation.contenders if each.peer is None or each.peer.is_installed]
    samples = {contender.name: Samples() for contender in contenders}
    calls: dict[str, int] = {}
    for contender in contenders:
        fewest = min(max(FEWEST, 2 * tasks), most)
        await _round(operation, contender, tasks, fewest, Samples(), server)
        tried = Samples()
        await _round(operation, contender, tasks, fewest, tried, server)
        wanted = int(seconds / tried.median("wall") * 1e6)
        calls[contender.name] = max(fewest, min(most, wanted))
    for number in range(rounds):
        first = number % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            gc.collect()
            await _round(operation, contender, tasks, calls[contender.name], samples[contender.name], server)
    return samples


async def watch(lateness: list[float]) -> None:
    """Note how late the event loop comes to its timer, until it is cancelled. Units: seconds."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        lateness.append(time.perf_counter() - began - TICK)


async def _round(
    operation: Operation, contender: Contender, tasks: int, calls: int, into: Samples, server: Server
) -> None:
    await contender.prepare()
    numbers = iter(range(calls))
    waits = [0.0] * calls
    lateness = [0.0]
    judging = 0.0
    wrong: list[Any] = []

    async def work() -> None:
        nonlocal judging
        for number in numbers:
            began = time.perf_counter()
            answer = await contender.call(number)
            ended = time.perf_counter()
            waits[number] = ended - began
            if not contender.is_right(number, answer):
                wrong.append(answer)
            judging += time.perf_counter() - ended
            if not contender.waits and number % max(1, A_TURN // tasks) == 0:
                await asyncio.sleep(0)

    served = contender.served() if contender.served else 0
    total = server.number(operation.total) if operation.total else 0
    statements = server.statements()
    watching = asyncio.create_task(watch(lateness)) if tasks > 1 else None
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _task in range(tasks)))
    await contender.finish()
    wall, cpu = time.perf_counter() - wall - judging, time.process_time() - cpu - judging
    if watching:
        watching.cancel()
    statements = server.statements() - statements
    p50, p99 = _percentiles(waits)
    into.rounds.append(
        Round(
            wall / calls * 1e6,
            cpu / calls * 1e6,
            p50 * 1e6,
            p99 * 1e6,
            statements / calls,
            max(lateness) * 1e3,
        )
    )
    into.calls += calls
    into.served += contender.served() - served if contender.served else calls
    if wrong:
        raise AssertionError(f"{contender.name}: {len(wrong)} wrong answers, the first {wrong[0]!r}")
    if operation.total and (raised := server.number(operation.total) - total) != calls:
        raise AssertionError(f"{contender.name}: {calls} calls, and the database counts {raised}")


def _percentiles(waits: Sequence[float]) -> tuple[float, float]:
    found = quantiles(waits, n=100, method="inclusive")
    return found[49], found[98]
