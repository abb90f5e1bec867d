"""Where the processor's time goes: of a handler, of its parts, of hits, and of the import."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.cache import CACHED_USER, IN_PROCESS, IN_VALKEY, PLAYERS
from bench.catalogue import EMPTY_DATABASES
from bench.databases import url_of
from bench.operations.handlers import HANDLER
from bench.operations.metrics import METRIC
from bench.operations.names import OURS
from bench.operations.running import everybody
from bench.operations.users import USER
from bench.results import Result
from bench.rounds import A_TURN, Contender, Operation
from bench.sampling import Sampler
from bench.sizes import FULL, Size
from bench.world import world
from tests.faceitbot.legacy.old_bot import write_data_file

TASKS = 50
SECONDS = {True: 4.0, False: 0.5}  # by whether it is the full size
IMPORTED = {True: 20_000, False: 1_000}


@dataclass
class Profile:
    """Where the time went. Units: seconds of the processor; `cpu` has what no look has seen, too."""

    calls: int
    cpu: float
    looks: int
    layers: Mapping[str, float]

    def microseconds(self, layer: str) -> float:
        """Give what one call costs in a layer."""
        return self.layers.get(layer, 0.0) / sum(self.layers.values()) * self.each

    @property
    def each(self) -> float:
        """Give what one call costs, in microseconds."""
        return self.cpu / self.calls * 1e6


def _of(operation: Operation, name: str) -> Contender:
    return next(each for each in operation.contenders if each.name == name)


PROFILED = {
    "a handler": _of(HANDLER, OURS),
    "a user": _of(USER, OURS),
    "five players": _of(PLAYERS, OURS),
    IN_PROCESS: _of(CACHED_USER, IN_PROCESS),
    IN_VALKEY: _of(CACHED_USER, IN_VALKEY),
    "an event": _of(METRIC, OURS),
}
IMPORT = "the import, a user"


async def profile(size: Size) -> Result:
    """Call each for some seconds among 50 tasks, and import a file; say where the time went."""
    found = {}
    async with everybody(size):
        for title, contender in PROFILED.items():
            found[title] = await _sample(title, contender, size)
    found[IMPORT] = await _sample_import(IMPORTED[size is FULL])
    return _result(found)


async def _sample(title: str, contender: Contender, size: Size) -> Profile:
    """Make rounds of calls until the time is over, after one that warms up."""
    await contender.prepare()
    await _round(contender, range(size.most))
    sampler, calls = Sampler(), 0
    ends, cpu = time.perf_counter() + SECONDS[size is FULL], time.process_time()
    with sampler:
        while time.perf_counter() < ends:
            await _round(contender, range(calls, calls + size.most))
            calls += size.most
    cpu = time.process_time() - cpu
    sampler.tell(title, calls)
    return Profile(calls, cpu, sampler.looks, sampler.layers)


async def _round(contender: Contender, calls: Iterable[int]) -> None:
    numbers = iter(calls)

    async def work() -> None:
        for number in numbers:
            await contender.call(number % world.users)
            if not contender.waits and number % (A_TURN // TASKS) == 0:
                await asyncio.sleep(0)

    await asyncio.gather(*(work() for _task in range(TASKS)))
    await contender.finish()


async def _sample_import(users: int) -> Profile:
    """Import a file in a process of its own, which does nothing else and has no event loop."""
    database = url_of(EMPTY_DATABASES["profile"][0])
    with tempfile.TemporaryDirectory() as folder:
        path = await asyncio.to_thread(write_data_file, Path(folder) / "data.json", users, faulty=False)
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "bench.profiled_import", str(path), str(users)],
            env={**os.environ, "DATABASE_URL": database},
            stdout=subprocess.PIPE,
        )
        written, _ = await process.communicate()
    if process.returncode:
        raise AssertionError("the import has failed")
    return Profile(**json.loads(written.splitlines()[-1]))


def _result(found: Mapping[str, Profile]) -> Result:
    result = Result("profile", "where the time of the processor goes, us a call", ("what", *found))
    result.lines.append(["all of it", *(f"{each.each:,.1f}" for each in found.values())])
    layers = {
        layer: [each.microseconds(layer) for each in found.values()]
        for each in found.values()
        for layer in each.layers
    }
    for layer, costs in sorted(layers.items(), key=lambda line: -sum(line[1])):
        result.lines.append([layer, *(f"{cost:,.1f}" if cost else "" for cost in costs)])
    result.remarks.append(
        f"By {TASKS} tasks, all threads of the process, without the servers: "
        + "; ".join(f"{title}: {each.calls:,} calls, {each.looks:,} looks" for title, each in found.items())
        + "."
    )
    result.figures = {title: {**vars(each), "layers": dict(each.layers)} for title, each in found.items()}
    return result


MEASUREMENTS = {"profile": profile}
