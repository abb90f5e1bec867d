"""A bot that serves requests and reports events; the tests of waiting metrics talk to it line by line.

"serve NUMBER" reports so many events from the tasks that serve, and prints how long the event loop stood
still at most; "control NUMBER" does the same while nobody records them. "burst NUMBER" reports so many at
once. The end of its input closes it in good order.
"""

import asyncio
import json
import sys
import time
from itertools import count

import faceitbot

faceitbot.setup()

from analytics.recording import record  # noqa: E402
from faceitbot.core.observability import add_sink, emit, remove_sink  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

TASKS = 20
EVENTS_A_REQUEST = 20
users = UserRepository()


async def serve(number: int) -> None:
    """Report events while requests are served, and watch the loop."""
    numbers, requests, longest, serving = count(1), 0, 0.0, True

    async def server(user_id: int) -> None:
        nonlocal requests
        while True:
            await users.touch(user_id)
            requests += 1
            for _ in range(EVENTS_A_REQUEST):
                if next(numbers) > number:
                    return
                emit("thing.done", 1.0, {"tier": "premium", "kind": "match"})

    async def watch() -> None:
        nonlocal longest
        last = time.perf_counter()
        while serving:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now

    watching = asyncio.create_task(watch())
    began = time.monotonic()
    await asyncio.gather(*(server(user_id) for user_id in range(1, TASKS + 1)))
    seconds, serving = time.monotonic() - began, False
    await watching
    tell(stall_ms=round(longest * 1000, 1), requests=requests, seconds=round(seconds, 1))


def burst(number: int) -> None:
    began = time.monotonic()
    for _ in range(number):
        emit("thing.done")
    tell(seconds=round(time.monotonic() - began, 2))


def tell(**figures: float) -> None:
    print(json.dumps(figures), flush=True)


async def main() -> None:
    for user_id in range(1, TASKS + 1):
        await users.touch(user_id)
    emit("thing.begun")
    print("ready", flush=True)
    # The end of the input must be seen while the loop goes on.
    while line := await asyncio.to_thread(sys.stdin.readline):
        command, number = line.split()
        if command == "burst":
            burst(int(number))
            continue
        if command == "control":
            remove_sink(record)
        await serve(int(number))
        add_sink(record)
    await faceitbot.close()


asyncio.run(main())
