"""A thousand users in conversation: each writes, waits for the answer, thinks, and writes again.

An update is what a bot does for a message: `touch`, one request against the limit, the cards of five players,
one event. Rivals do the same by one statement each on one connection. Who cannot keep up lets his users wait.
"""

import asyncio
import gc
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import count
from statistics import median, quantiles
from typing import Any, NamedTuple

from bench.cache import cold, warm, whole_team
from bench.operations.handlers import is_served, ours_touching
from bench.operations.metrics import drained, row
from bench.operations.names import ASYNCPG, OURS, SQLALCHEMY
from bench.operations.running import everybody
from bench.operations.ways import no_cache
from bench.peers.alchemy import alchemy
from bench.peers.raw import raw
from bench.results import Result, stall_of
from bench.rounds import Contender, Server, watch
from bench.sizes import FULL, Size
from bench.world import is_the_team, world

USERS = 1_000
ROUNDS, SECONDS, WARM = 3, 5.0, 1.0
THINKS = 1.0  # seconds between an answer and the next message, on average
COLUMNS = (
    "contender",
    "answered/s",
    "least - most",
    "p50 ms",
    "p99 ms",
    "least - most",
    "longest ms",
    "CPU us/update",
    "cores",
    "statements/update",
    "stall ms",
)


class Talk(NamedTuple):
    """One round. Units: `rate` updates a second; `p50`, `p99`, `longest`, `stall` milliseconds; `cpu`
    microseconds an update; `cores` how many were busy; `statements` an update.
    """

    rate: float
    p50: float
    p99: float
    longest: float
    cpu: float
    cores: float
    statements: float
    stall: float
    updates: int


Update = Callable[[int], Awaitable[tuple[tuple[Any, Any], list[Any]]]]


async def ours(number: int) -> tuple[tuple[Any, Any], list[Any]]:
    return await ours_touching(number), await whole_team(number)


async def by_sqlalchemy(number: int) -> tuple[tuple[Any, Any], list[Any]]:
    served = await alchemy.handler(world.telegram_id(number), row())
    return served, await alchemy.players(world.team(number))


async def by_asyncpg(number: int) -> tuple[tuple[Any, Any], list[Any]]:
    served = await raw.handler(world.telegram_id(number), row())
    return served, await raw.players(world.team(number))


def is_answered(number: int, answer: tuple[tuple[Any, Any], list[Any]]) -> bool:
    return is_served(number, answer[0]) and is_the_team(number, answer[1])


async def cached() -> None:
    await cold()
    await warm(whole_team, in_process=True)


CONTENDERS = [
    Contender(OURS, ours, is_answered, no_cache, finish=drained),
    Contender("faceitbot, with its cache", ours, is_answered, cached, finish=drained),
    Contender(SQLALCHEMY, by_sqlalchemy, is_answered, peer=alchemy),
    Contender(ASYNCPG, by_asyncpg, is_answered, peer=raw),
]


async def converse(size: Size) -> Result:
    """Let users talk for some seconds with each contender in turns."""
    users, rounds, seconds = (USERS, ROUNDS, SECONDS) if size is FULL else (100, 2, 1.0)
    result = Result("conversations", f"{users:,} users in conversation", COLUMNS)
    contenders = [each for each in CONTENDERS if each.peer is None or each.peer.is_installed]
    talks: dict[str, list[Talk]] = {contender.name: [] for contender in contenders}
    async with everybody(size) as server:
        for number in range(rounds):
            first = number % len(contenders)
            for contender in (*contenders[first:], *contenders[:first]):
                await contender.prepare()
                gc.collect()
                calls = count()
                await _talk(contender, users, WARM, calls, server)
                talks[contender.name].append(await _talk(contender, users, seconds, calls, server))
                sys.stderr.write(".")
                sys.stderr.flush()
    for contender in contenders:
        found = talks[contender.name]
        result.lines.append(_line(contender.name, found))
        result.figures[contender.name] = [each._asdict() for each in found]
        if contender.is_ours:
            what = result.title if contender.name == OURS else f"{result.title}: {contender.name}"
            result.ratios.append(stall_of(what, [each.stall for each in found]))
    result.remarks.append(
        f"Each user thinks {THINKS:g} s on average: up to {users / THINKS:,.0f} a second are asked for."
        f" A round is {seconds:g} s with one contender, after {WARM:g} s that are left out;"
        f" {rounds} rounds each, in turns."
    )
    return result


def _line(name: str, found: Sequence[Talk]) -> list[str]:
    def all_of(figure: str) -> list[float]:
        return [getattr(each, figure) for each in found]

    def spread(figure: str, form: str) -> str:
        return f"{min(all_of(figure)):{form}} - {max(all_of(figure)):{form}}"

    return [
        name,
        f"{median(all_of('rate')):,.0f}",
        spread("rate", ",.0f"),
        f"{median(all_of('p50')):,.1f}",
        f"{median(all_of('p99')):,.1f}",
        spread("p99", ",.1f"),
        f"{max(all_of('longest')):,.1f}",
        f"{median(all_of('cpu')):,.0f}",
        f"{median(all_of('cores')):.2f}",
        f"{median(all_of('statements')):.2f}",
        f"{median(all_of('stall')):,.1f}",
    ]


async def _talk(
    contender: Contender, users: int, seconds: float, calls: Iterator[int], server: Server
) -> Talk:
    """Let users talk; the same ones pause for the same time whoever answers them."""
    draw = random.Random(users)
    waits: list[float] = []
    late = [0.0]
    ends = time.perf_counter() + seconds

    async def user(pause: float) -> None:
        while time.perf_counter() + pause < ends:
            await asyncio.sleep(pause)
            number, began = next(calls), time.perf_counter()
            answer = await contender.call(number)
            waits.append(time.perf_counter() - began)
            if not contender.is_right(number, answer):
                raise AssertionError(f"{contender.name}: a wrong answer, {answer!r}")
            pause = draw.expovariate(1 / THINKS)

    statements = server.statements()
    watching = asyncio.create_task(watch(late))
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(user(draw.expovariate(1 / THINKS)) for _user in range(users)))
    await contender.finish()
    cpu, took = time.process_time() - cpu, time.perf_counter() - began
    watching.cancel()
    percent = quantiles(waits, n=100, method="inclusive")
    return Talk(
        rate=len(waits) / took,
        p50=percent[49] * 1e3,
        p99=percent[98] * 1e3,
        longest=max(waits) * 1e3,
        cpu=cpu / len(waits) * 1e6,
        cores=cpu / took,
        statements=(server.statements() - statements) / len(waits),
        stall=max(late) * 1e3,
        updates=len(waits),
    )


MEASUREMENTS = {"conversations": converse}
