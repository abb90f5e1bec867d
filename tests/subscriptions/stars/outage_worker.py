"""A bot's process that is told of a hundred payments while its database is away, and reads the list later.

On a line of input it does the next of both; it prints what came of it, in JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter

import faceitbot

faceitbot.setup()

from faceitbot.core import atomically  # noqa: E402
from faceitbot.core.errors import FaceitBotError  # noqa: E402
from subscriptions.models import Grant, Payment  # noqa: E402
from subscriptions.repositories import PaymentRepository  # noqa: E402
from tests.subscriptions.stars.generator import TelegramsList  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

PEOPLE, PAYMENTS = 10, 100
repository = PaymentRepository()


async def main() -> None:
    telegram = TelegramsList(random.Random(1), start=int(time.time()) - 86_400)
    people = await UserRepository().create_batch({"telegram_id": n} for n in range(1, PEOPLE + 1))
    notices = []
    for number in range(PAYMENTS):
        user = people[number % PEOPLE]
        order = await repository.create_order(user.pk, "premium")
        charge = telegram.paid(user.telegram_id, order.payload, order.stars)
        notices.append((user.telegram_id, order.payload, "XTR", order.stars, charge))
    print("ready", flush=True)

    sys.stdin.readline()
    errors = Counter[str]()

    async def hear(notice: tuple) -> None:
        try:
            await repository.record_successful_payment(*notice)
        except FaceitBotError as error:
            errors[error.code] += 1

    await asyncio.gather(*(hear(notice) for notice in notices))
    print(json.dumps(errors), flush=True)

    sys.stdin.readline()
    while True:
        try:
            stored = await atomically(Payment.objects.count)
            break
        except FaceitBotError:
            continue  # the connections that were cut off are made anew
    report = await repository.sync_star_transactions(telegram.fetch)
    granted = await atomically(Grant.objects.count)
    print(json.dumps([stored, len(report.recovered), granted]), flush=True)
    await faceitbot.close()


asyncio.run(main())
