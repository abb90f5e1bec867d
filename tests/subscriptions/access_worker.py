"""A bot's process that works on access; tests start several, and kill some.

The first argument is what to do, the others are its values; each line of the output is an answer in JSON.
"""

import asyncio
import json
import sys

import faceitbot

faceitbot.setup()

from django.contrib.auth.models import User as StaffAccount  # noqa: E402

from faceitbot.core import atomically  # noqa: E402
from subscriptions.repositories import SubscriptionRepository  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

repository = SubscriptionRepository()
users = UserRepository()


def say(answer: object) -> None:
    print(json.dumps(answer), flush=True)


async def consume(calls: int, people: int) -> None:
    """Make requests of users 1, 2, ... all at once, as a bot does: look him up, then count; say when half are
    done, then how many were admitted.
    """
    done = admitted = 0
    some = asyncio.Semaphore(100)

    async def request(telegram_id: int) -> None:
        nonlocal done, admitted
        async with some:
            user = await users.get_by_telegram_id(telegram_id)
            allowed, _limits = await repository.consume_request(user.pk)
        admitted, done = admitted + allowed, done + 1
        if done == calls * people // 2:
            say("half")

    await asyncio.gather(*(request(1 + call % people) for call in range(calls * people)))
    say(admitted)


async def grant(telegram_id: int, calls: int, name: str) -> None:
    """Give a user a day of premium so many times, and once more for a click that all processes share."""
    user = await users.get_by_telegram_id(telegram_id)
    staff = await atomically(StaffAccount.objects.get)

    async def give(request_id: str) -> str:
        given = await repository.grant_access(
            user.pk, "premium", 1, actor=staff, reason="a race", request_id=request_id
        )
        return str(given.pk)

    requests = [f"{name}:{number}" for number in range(calls)] + ["shared"]
    say(await asyncio.gather(*(give(request_id) for request_id in requests)))


async def claim(lease_seconds: int) -> None:
    """Claim notices, and wait to be killed."""
    say([str(notice.id) for notice in await repository.claim_notices(lease_seconds=lease_seconds)])
    await asyncio.Event().wait()


async def main() -> None:
    what, *values = sys.argv[1:]
    match what:
        case "consume":
            await consume(int(values[0]), int(values[1]))
        case "grant":
            await grant(int(values[0]), int(values[1]), values[2])
        case "claim":
            await claim(int(values[0]))
    await faceitbot.close()


asyncio.run(main())
