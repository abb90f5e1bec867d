"""A process that works while its database fails; the tests of database faults talk to it line by line.

It prints "ready" when warm. "burst" on its input starts forty concurrent calls, whose outcomes it prints.
"write SECONDS" writes for that long and prints which writes were acknowledged.
"""

import asyncio
import json
import sys
import time
from collections import Counter

import faceitbot

faceitbot.setup()

from faceitbot.core.errors import FaceitBotError  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

repository = UserRepository()


async def burst() -> None:
    started, outcomes, longest = time.monotonic(), Counter[str](), 0.0

    async def call(user_id: int) -> None:
        nonlocal longest
        try:
            await repository.touch(user_id)
            outcomes["done"] += 1
        except FaceitBotError as error:
            outcomes[type(error).__name__] += 1
        longest = max(longest, time.monotonic() - started)

    await asyncio.gather(*(call(user_id) for user_id in range(1, 41)))
    print(json.dumps({"outcomes": outcomes, "longest": round(longest, 1)}), flush=True)


async def write(seconds: float) -> None:
    """Register users one after the other in thirty-two tasks; keep who was surely registered."""
    until, acknowledged, failures = time.monotonic() + seconds, [], Counter[str]()

    async def writer(number: int) -> None:
        user_id = number * 1_000_000
        while time.monotonic() < until:
            user_id += 1
            try:
                await repository.create_user(user_id)
                acknowledged.append(user_id)
            except FaceitBotError as error:
                failures[type(error).__name__] += 1

    await asyncio.gather(*(writer(number) for number in range(1, 33)))
    print(json.dumps({"acknowledged": acknowledged, "failures": failures}), flush=True)


async def main() -> None:
    await asyncio.gather(*(repository.touch(user_id) for user_id in range(1, 41)))
    print("ready", flush=True)
    for line in sys.stdin:
        command, *arguments = line.split()
        await (burst() if command == "burst" else write(float(arguments[0])))
    await faceitbot.close()


asyncio.run(main())
