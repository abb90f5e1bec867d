"""Take a list out in a process of its own, and tell how much memory it took at most.

Usage: export_worker.py ACCOUNT ADDRESS FILE [whole]

With "whole" the file is held in memory before it is written.
"""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any, BinaryIO

import faceitbot

faceitbot.setup()

from django.contrib.auth.models import User  # noqa: E402 - Django must be set up first
from django.test import AsyncClient  # noqa: E402


async def main(name: str, address: str, file: BinaryIO, *, whole: bool) -> None:
    client = AsyncClient()
    await client.aforce_login(await User.objects.aget(username=name))
    await client.get("/admin/")  # what every process needs, however few rows it exports
    answer: Any = await client.post(address)
    assert answer.status_code == 200, answer
    held = []
    async for piece in answer.streaming_content:
        held.append(piece)
        if not whole:
            file.writelines(held)
            held.clear()
    file.writelines(held)
    print(json.dumps({"peak": most_megabytes()}))


def most_megabytes() -> float:
    """Give the peak of this program; `ru_maxrss` would give that of the one which started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found, status
    return int(found[1]) / 1_024


if __name__ == "__main__":
    account, address, path, *options = sys.argv[1:]
    with Path(path).open("wb") as file:
        asyncio.run(main(account, address, file, whole=options == ["whole"]))
