"""The process that makes one measurement: `python -m bench.child NAME (full|quick) [WORD ...]`.

Its last line on the standard output is the result, as JSON. With words it is a part of a measurement that has
a process of its own: the module's `part`, which writes what it likes.
"""

import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import faceitbot
from bench.catalogue import FILL, MODULES
from bench.results import Result
from bench.sizes import SIZES, Size

ROOT = Path(__file__).resolve().parent.parent
WRITTEN_HERE = (":!docs/performance.md", ":!bench/results.json")  # by the measurement before


def machine() -> dict[str, Any]:
    """Say where this is measured, and how busy it is."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": load(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "commit": commit(),
    }


def load() -> float:
    """Give how busy the machine was in the last minute."""
    return round(os.getloadavg()[0], 2)


def commit() -> str:
    """Give the commit that is measured, with a + where its code has been changed; "" where no git says it."""
    try:
        known = _git("rev-parse", "--short=9", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *WRITTEN_HERE)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return known + ("+" if changed else "")


def _git(*words: str) -> str:
    asked = ["git", *words]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - words of ours


async def main(name: str, size: Size, words: Sequence[str]) -> None:
    try:
        if name == FILL:
            await import_module("bench.world").fill(size)
        elif words:
            await import_module(MODULES[name]).part(size, *words)
        else:
            begun = machine()
            result: Result = await import_module(MODULES[name]).MEASUREMENTS[name](size)
            result.machine = {**result.machine, **begun, "load_at_the_end": load()}
            sys.stdout.write(json.dumps(result.as_json()) + "\n")
    finally:
        await faceitbot.close()


if __name__ == "__main__":
    faceitbot.setup()
    asyncio.run(main(sys.argv[1], SIZES[sys.argv[2]], sys.argv[3:]))
