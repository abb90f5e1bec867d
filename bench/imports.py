"""The import of an old bot's file beside what one would write with bulk_create; `prove import_rate` has more.

Each run has a process and an empty database of its own.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.catalogue import OWN_DATABASES
from bench.databases import url_of
from bench.results import Ratio, Result
from bench.sizes import FULL, Size
from tests.faceitbot.legacy.old_bot import write_data_file

USERS, QUICK_USERS = 100_000, 1_000
OURS, RIVAL = (
    "import_legacy: validated, with grants and referrals",
    "bulk_create, an upsert of users and access",
)
HOW = {RIVAL: "bulk_create", OURS: "import"}
TARGET = 4
MOST_MORE_MEBIBYTES = 40  # as the proof has it
COLUMNS = ("contender", "seconds", "users/s", "CPU s here", "CPU s in the server", "most MiB")


async def bring_in(size: Size) -> Result:
    """Bring the same file in by each of them in turns."""
    users = USERS if size is FULL else QUICK_USERS
    result = Result("import", f"import of {users:,} users with their subscriptions", COLUMNS)
    found: dict[str, list[list[float]]] = {name: [] for name in HOW}
    databases = [*OWN_DATABASES["import"]]
    rounds = len(databases) // len(HOW) if size is FULL else 1
    fewer = users // 10
    with tempfile.TemporaryDirectory() as folder:
        path = await asyncio.to_thread(write_data_file, Path(folder) / "data.json", users, faulty=False)
        for number in range(rounds):
            for name in [*HOW][:: 1 if number % 2 else -1]:
                found[name].append(await _run(HOW[name], path, url_of(databases.pop())))
        path = await asyncio.to_thread(write_data_file, Path(folder) / "fewer.json", fewer, faulty=False)
        *_, less = await _run(HOW[OURS], path, url_of(databases.pop()))
    for name, runs in found.items():
        seconds, client, server, memory = (median(column) for column in zip(*runs, strict=True))
        result.lines.append(
            [
                name,
                f"{seconds:.1f}",
                f"{users / seconds:,.0f}",
                f"{client:.1f}",
                f"{server:.1f}",
                f"{memory:.0f}",
            ]
        )
    result.figures = {"users": users, **found}
    ratios = [theirs[0] / ours[0] for theirs, ours in zip(found[RIVAL], found[OURS], strict=True)]
    cpu = [
        (theirs[1] + theirs[2]) / (ours[1] + ours[2])
        for theirs, ours in zip(found[RIVAL], found[OURS], strict=True)
    ]
    result.ratios.append(Ratio(result.title, RIVAL, TARGET, median(ratios), ratios, median(cpu)))
    more = [run[3] - less for run in found[OURS]]
    what, rival = f"import of {users:,} users: more memory", f"{fewer:,} users"
    result.ratios.append(Ratio(what, rival, MOST_MORE_MEBIBYTES, median(more), more, most=True, unit=" MiB"))
    return result


async def _run(how: str, path: Path, url: str) -> list[float]:
    """Give seconds, processor time here and in the server, and mebibytes."""
    command = [sys.executable, "-m", "tests.faceitbot.legacy.measured_import", how, str(path)]
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    written, _ = await process.communicate()
    if process.returncode:
        raise AssertionError(f"{how} has failed")
    return [float(word) for word in written.split()]


MEASUREMENTS = {"import": bring_in}
