"""How much memory the process of a bot takes, and how much more with many handlers at the same time.

Each contender has a process of its own, which tells how much is resident before its handlers begin, and the
most while they run.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

from bench.operations.handlers import HANDLER
from bench.operations.names import OURS, SQLALCHEMY
from bench.operations.running import everybody
from bench.results import Result
from bench.sizes import Size

AT_ONCE = (1_000, 2_000)
COLUMNS = ("contender", "handlers at once", "before MiB", "most MiB", "more by MiB")
WARM = 50


async def remember_all(size: Size) -> Result:
    """Measure each contender in a process of its own."""
    result = Result("memory", "memory of the process with so many handlers at once", COLUMNS)
    for contender in HANDLER.contenders:
        if contender.name not in (OURS, SQLALCHEMY) or (contender.peer and not contender.peer.is_installed):
            continue
        for number in AT_ONCE:
            command = [sys.executable, "-m", "bench.child", "memory", size.name, contender.name, str(number)]
            done = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
            written, _ = await done.communicate()
            if done.returncode:
                raise AssertionError(f"{contender.name} failed")
            before, most = (float(word) for word in written.split()[-2:])
            result.lines.append(
                [contender.name, f"{number:,}", f"{before:.0f}", f"{most:.0f}", f"{most - before:.0f}"]
            )
            result.figures.setdefault(contender.name, {})[number] = [before, most]
    return result


async def part(size: Size, name: str, at_once: str) -> None:
    """Run handlers at the same time, and write what that took."""
    (contender,) = (each for each in HANDLER.contenders if each.name == name)
    async with everybody(size):
        await contender.prepare()
        await asyncio.gather(*(contender.call(number) for number in range(WARM)))
        before = _begin()
        answers = await asyncio.gather(*(contender.call(number) for number in range(int(at_once))))
        wrong = [n for n, answer in enumerate(answers) if not contender.is_right(n, answer)]
        assert not wrong, f"{len(wrong)} wrong answers"  # noqa: S101
        await contender.finish()
        sys.stdout.write(f"{before} {_mebibytes('VmHWM')}\n")


def _begin() -> float:
    """Let the most begin here; give what is resident."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _mebibytes("VmRSS")


def _mebibytes(name: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


MEASUREMENTS = {"memory": remember_all}
