"""A thousand users in conversation: each writes, waits for the answer, thinks, and writes again.

An update is what a bot does for a message: `touch`, one request against the limit, the cards of five players,
one event. Rivals do the same by one statement each on one connection. Who cannot keep up lets his users wait.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from itertools import count
from statistics import quantiles
from typing import Any

from bench.cache import warm, whole_team
from bench.operations.handlers import is_served, ours_touching
from bench.operations.metrics import drained, row
from bench.operations.names import ASYNCPG, OURS, SQLALCHEMY
from bench.operations.running import everybody
from bench.operations.ways import no_cache
from bench.peers.alchemy import alchemy
from bench.peers.raw import raw
from bench.results import Result
from bench.rounds import Contender, watch
from bench.sizes import FULL, Size
from bench.world import is_the_team, world

USERS = 1_000
THINKS = 1.0  # seconds between an answer and the next message, on average
COLUMNS = (
    "contender",
    "answered/s",
    "p50 ms",
    "p99 ms",
    "longest ms",
    "CPU us/update",
    "cores",
    "statements/update",
    "stall ms",
)
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
    await warm(whole_team, in_process=True)


CONTENDERS = [
    Contender(OURS, ours, is_answered, no_cache, finish=drained),
    Contender("faceitbot, with its cache", ours, is_answered, cached, finish=drained),
    Contender(SQLALCHEMY, by_sqlalchemy, is_answered, peer=alchemy),
    Contender(ASYNCPG, by_asyncpg, is_answered, peer=raw),
]


async def converse(size: Size) -> Result:
    """Let users talk for some seconds with each contender in turn."""
    users, seconds = (USERS, 10.0) if size is FULL else (100, 1.0)
    result = Result("conversations", f"{users:,} users in conversation", COLUMNS)
    async with everybody(size) as server:
        for contender in CONTENDERS:
            if contender.peer is not None and not contender.peer.is_installed:
                continue
            await contender.prepare()
            await _talk(contender, users, 1.0)
            statements = server.statements()
            waits, late, cpu, took = await _talk(contender, users, seconds)
            statements = server.statements() - statements
            percent = quantiles(waits, n=100, method="inclusive")
            result.lines.append(
                [
                    contender.name,
                    f"{len(waits) / took:,.0f}",
                    f"{percent[49] * 1e3:,.1f}",
                    f"{percent[98] * 1e3:,.1f}",
                    f"{max(waits) * 1e3:,.1f}",
                    f"{cpu / len(waits) * 1e6:,.0f}",
                    f"{cpu / took:.2f}",
                    f"{statements / len(waits):.2f}",
                    f"{max(late) * 1e3:,.1f}",
                ]
            )
            result.figures[contender.name] = {"updates": len(waits), "seconds": took, "cpu": cpu}
    result.remarks.append(
        f"Each user thinks {THINKS:g} s on average: up to {users / THINKS:,.0f} a second are asked for."
    )
    return result


async def _talk(
    contender: Contender, users: int, seconds: float
) -> tuple[list[float], list[float], float, float]:
    """Give how long the callers waited, how late the loop was, processor time and seconds."""
    draw, numbers = random.Random(users), count()
    waits: list[float] = []
    late = [0.0]
    ends = time.perf_counter() + seconds

    async def user(pause: float) -> None:
        while time.perf_counter() + pause < ends:
            await asyncio.sleep(pause)
            number, began = next(numbers), time.perf_counter()
            answer = await contender.call(number)
            waits.append(time.perf_counter() - began)
            if not contender.is_right(number, answer):
                raise AssertionError(f"{contender.name}: a wrong answer, {answer!r}")
            pause = draw.expovariate(1 / THINKS)

    watching = asyncio.create_task(watch(late))
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(user(draw.uniform(0, THINKS)) for _user in range(users)))
    await contender.finish()
    cpu, took = time.process_time() - cpu, time.perf_counter() - began
    watching.cancel()
    return waits, late, cpu, took


MEASUREMENTS = {"conversations": converse}
