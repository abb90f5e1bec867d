"""A process that works while its database fails; the tests of database faults talk to it line by line.

It prints "ready" when warm, and then does what stands on its input:
"burst" and "look": forty concurrent calls that write, or read; it prints their outcomes.
"leave SECONDS": a lone look-up, whose caller waits for that long; it prints how long he had to stay.
"write SECONDS": registers users for that long, and prints who was surely registered.
"touch SECONDS" and "consume SECONDS": counts requests of the forty users, of the whole of their time or of
today, and looks them up meanwhile, for that long; it prints how many counts of each were acknowledged, and of
how many the outcome is unknown.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import UUID

import faceitbot

faceitbot.setup()

from faceitbot.core.errors import FaceitBotError, OutcomeUnknown  # noqa: E402
from faceitbot.core.statements import ways  # noqa: E402
from subscriptions.repositories import SubscriptionRepository  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

repository, subscriptions = UserRepository(), SubscriptionRepository()
keys: dict[int | None, UUID] = {}


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


async def count(method: str, one: Callable[[int], Awaitable[object]], seconds: float) -> None:
    """Count requests in forty tasks and look users up in eight; note what was surely counted."""
    until, acknowledged, unknown, failures = time.monotonic() + seconds, Counter[int](), 0, Counter[str]()
    longest_gap, last_good = 0.0, time.monotonic()

    async def counter(user_id: int) -> None:
        nonlocal unknown, longest_gap, last_good
        while time.monotonic() < until:
            try:
                await one(user_id)
                acknowledged[user_id] += 1
                longest_gap, last_good = max(longest_gap, time.monotonic() - last_good), time.monotonic()
            except FaceitBotError as error:
                unknown += isinstance(error, OutcomeUnknown)
                failures[f"count: {type(error).__name__}"] += 1
                await asyncio.sleep(0.01)

    async def reader(user_id: int) -> None:
        while time.monotonic() < until:
            try:
                found = await repository.get_user_with_subscription(user_id)
                assert found is not None
                assert found.telegram_id == user_id
            except FaceitBotError as error:
                failures[f"look: {type(error).__name__}"] += 1
                await asyncio.sleep(0.01)

    await asyncio.gather(*(counter(number) for number in range(1, 41)), *(reader(n) for n in range(1, 9)))
    told = {
        "acknowledged": acknowledged,
        "unknown": unknown,
        "failures": failures,
        "longest_gap": round(longest_gap, 2),
        "ways": ways.calls(method),
    }
    print(json.dumps(told), flush=True)


async def touch(seconds: float) -> None:
    await count("UserRepository.touch", repository.touch, seconds)


async def consume(seconds: float) -> None:
    async def one(user_id: int) -> None:
        allowance = await subscriptions.consume_request(keys[user_id])
        assert allowance.allowed

    await count("RequestMethods.consume_request", one, seconds)


async def look() -> None:
    started, outcomes = time.monotonic(), Counter[str]()

    async def call(user_id: int) -> None:
        try:
            await repository.get_user_with_subscription(user_id)
            outcomes["done"] += 1
        except FaceitBotError as error:
            outcomes[type(error).__name__] += 1

    await asyncio.gather(*(call(user_id) for user_id in range(1, 41)))
    print(json.dumps({"outcomes": outcomes, "longest": round(time.monotonic() - started, 1)}), flush=True)


async def leave(seconds: float) -> None:
    started, outcome = time.monotonic(), "done"
    try:
        async with asyncio.timeout(seconds):
            await repository.get_user_with_subscription(1)
    except (TimeoutError, FaceitBotError) as error:
        outcome = type(error).__name__
    print(json.dumps({"outcome": outcome, "stayed": time.monotonic() - started}), flush=True)


async def main() -> None:
    users = await asyncio.gather(*(repository.touch(user_id) for user_id in range(1, 41)))
    keys.update({user.telegram_id: user.pk for user in users})
    print("ready", flush=True)
    for line in sys.stdin:
        command, *arguments = line.split()
        await COMMANDS[command](*map(float, arguments))
    await faceitbot.close()


COMMANDS: dict[str, Callable[..., Awaitable[None]]] = {
    "burst": burst,
    "look": look,
    "leave": leave,
    "write": write,
    "touch": touch,
    "consume": consume,
}
asyncio.run(main())
