"""The process that makes one measurement: `python -m bench.child NAME (full|quick)`.

Its last line on the standard output is the result, as JSON.
"""

import asyncio
import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import faceitbot
from bench.catalogue import FILL, MODULES
from bench.results import Result
from bench.sizes import FULL, QUICK, Size


def machine() -> dict[str, Any]:
    """Say where this is measured, and how busy it is."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


async def main(name: str, size: Size) -> None:
    try:
        if name == FILL:
            await import_module("bench.world").fill(size)
        else:
            begun = machine()
            result: Result = await import_module(MODULES[name]).MEASUREMENTS[name](size)
            result.machine = {**result.machine, **begun, "load_at_the_end": machine()["load"]}
            sys.stdout.write(json.dumps(result.as_json()) + "\n")
    finally:
        await faceitbot.close()


if __name__ == "__main__":
    faceitbot.setup()
    asyncio.run(main(sys.argv[1], {"full": FULL, "quick": QUICK}[sys.argv[2]]))
