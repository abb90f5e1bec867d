"""Measures contenders in turns, so that a slow minute of the machine meets all of them alike."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Contender:
    """One way to do the same thing.

    `call` gets the number of the call; `is_right` judges its answer, after the time has been taken. `prepare`
    comes before each round. `served` gives a running count of those calls that went the way they should.
    """

    name: str
    call: Callable[[int], Awaitable[Any]]
    is_right: Callable[[int, Any], bool]
    prepare: Callable[[], Awaitable[None]]
    served: Callable[[], int] | None = None


@dataclass
class Samples:
    """One contender's rounds. Units: microseconds per call; `wall` is the round's time through its calls."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    calls: int = 0
    served: int = 0


async def measure(
    contenders: Sequence[Contender], *, tasks: int, calls: int, rounds: int
) -> dict[str, Samples]:
    """Give each contender's samples; a first round that warms up is left out.

    Errors: `AssertionError` for a wrong answer.
    """
    samples = {contender.name: Samples() for contender in contenders}
    for number in range(rounds + 1):
        first = number % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            into = samples[contender.name] if number else Samples()
            await _round(contender, tasks, calls, into)
    return samples


async def _round(contender: Contender, tasks: int, calls: int, into: Samples) -> None:
    await contender.prepare()
    numbers = iter(range(calls))
    answers: list[Any] = [None] * calls

    async def work() -> None:
        for number in numbers:
            answers[number] = await contender.call(number)

    gc.collect()
    served = contender.served() if contender.served else 0
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _task in range(tasks)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    into.wall.append(wall / calls * 1e6)
    into.cpu.append(cpu / calls * 1e6)
    into.calls += calls
    into.served += contender.served() - served if contender.served else calls
    wrong = [number for number, answer in enumerate(answers) if not contender.is_right(number, answer)]
    if wrong:
        raise AssertionError(f"{contender.name}: {len(wrong)} wrong answers, the first {answers[wrong[0]]!r}")


def table(title: str, samples: dict[str, Samples]) -> str:
    """Give the medians with their spread, and how many times those of the first contender they are."""
    base = next(iter(samples.values()))
    lines = [f"{title:<44}{'us per call':>24}{'x':>7}{'CPU us per call':>24}{'x':>7}"]
    for name, found in samples.items():
        share = "" if found.served == found.calls else f"  {100 * found.served / found.calls:.1f} % as meant"
        lines.append(
            f"  {name:<42}{_spread(found.wall):>24}{median(found.wall) / median(base.wall):>7.2f}"
            f"{_spread(found.cpu):>24}{median(found.cpu) / median(base.cpu):>7.2f}{share}"
        )
    return "\n".join(lines)


def _spread(figures: list[float]) -> str:
    return f"{median(figures):,.0f} ({min(figures):,.0f}-{max(figures):,.0f})"
