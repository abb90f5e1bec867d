"""A bot's process that answers pre-checkout queries while its database fails.

For each number on its input it decides so many queries at once, and prints how often each answer was given
and how long the slowest took.
"""

import asyncio
import json
import sys
import time
from collections import Counter

import faceitbot

faceitbot.setup()

from subscriptions.repositories import PaymentRepository  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

payments, users = PaymentRepository(), UserRepository()


async def main() -> None:
    user = await users.create_user(7)
    order = await payments.create_order(user.pk, "premium")
    print("ready", flush=True)
    for line in sys.stdin:
        started, slowest, answers = time.monotonic(), 0.0, Counter[str]()

        async def decide() -> None:
            nonlocal slowest
            decision = await payments.authorise_checkout(order.payload, 7, "XTR", 199)
            answers[decision.error or "ok"] += 1  # noqa: B023 - gathered below
            slowest = max(slowest, time.monotonic() - started)  # noqa: B023

        await asyncio.gather(*(decide() for _query in range(int(line))))
        print(json.dumps({"answers": answers, "slowest": slowest}), flush=True)


asyncio.run(main())
