"""Runs operations: opens who takes part, measures among 1, 50 and 200 tasks."""

import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from bench.peers.alchemy import alchemy
from bench.peers.raw import raw
from bench.results import Result, add_samples
from bench.rounds import Operation, measure
from bench.server import Postgres
from bench.sizes import Size
from bench.world import remember, set_aside


@asynccontextmanager
async def everybody(size: Size) -> AsyncIterator[Postgres]:
    """Remember the world, and connect those that are installed."""
    server = Postgres()
    peers = [peer for peer in (alchemy, raw) if peer.is_installed]
    await remember(size)
    for peer in peers:
        await peer.open()
    set_aside()
    try:
        yield server
    finally:
        for peer in peers:
            await peer.close()
        server.close()


async def run_operation(operation: Operation, size: Size, tasks: Iterable[int] = ()) -> Result:
    """Measure one operation. Errors: `AssertionError` for a wrong answer."""
    result = Result(operation.name, operation.title)
    async with everybody(size) as server:
        result.machine["postgresql"] = server.version()
        for number in tasks or operation.tasks:
            samples = await measure(
                operation,
                tasks=number,
                rounds=size.rounds,
                seconds=size.seconds,
                most=size.most,
                server=server,
            )
            add_samples(result, operation, number, samples)
            sys.stderr.write(".")
            sys.stderr.flush()
    return result
