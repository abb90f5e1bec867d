"""Take a list out in a process of its own, and tell how much memory it took at most.

Usage: export_worker.py ACCOUNT ADDRESS FILE
"""

import asyncio
import json
import resource
import sys
from pathlib import Path
from typing import Any, BinaryIO

import faceitbot

faceitbot.setup()

from django.contrib.auth.models import User  # noqa: E402 - Django must be set up first
from django.test import AsyncClient  # noqa: E402


async def main(name: str, address: str, file: BinaryIO) -> None:
    client = AsyncClient()
    await client.aforce_login(await User.objects.aget(username=name))
    await client.get("/admin/")  # what every process needs, however few rows it exports
    answer: Any = await client.post(address)
    assert answer.status_code == 200, answer
    async for piece in answer.streaming_content:
        file.write(piece)
    print(json.dumps({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024}))


if __name__ == "__main__":
    account, address, path = sys.argv[1:]
    with Path(path).open("wb") as file:
        asyncio.run(main(account, address, file))
