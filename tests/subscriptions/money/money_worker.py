"""A bot's process that is fed notices of money; tests start several, and kill them.

Its input is a list of notices in JSON: [telegram_id, payload, stars, charge_id]. It prints "ten" for each ten
that were recorded, and "done" in the end. Started with "naive" it grants without looking whether the charge
is known, as the predecessor did; with "unlocked" it takes no locks of users and orders.
"""

import asyncio
import json
import sys
from unittest.mock import patch

import faceitbot

faceitbot.setup()

from subscriptions.granting import database_now  # noqa: E402
from subscriptions.models import Order, UserSubscription  # noqa: E402
from subscriptions.payments import completing  # noqa: E402
from subscriptions.repositories import PaymentRepository  # noqa: E402
from users.models import User  # noqa: E402

AT_ONCE = 25
repository = PaymentRepository()


def naive(received, _now=None):
    sale = completing.find_sale(received.payload)
    return completing._grant(received, sale, database_now(), renews=False)


def unlocked_owner(user_id):
    return User.objects.get(pk=user_id), UserSubscription.objects.get(user=user_id)


async def main() -> None:
    waiting = json.loads(sys.stdin.readline())
    recorded = 0

    async def record_some() -> None:
        nonlocal recorded
        while waiting:
            telegram_id, payload, stars, charge_id = waiting.pop()
            await repository.record_successful_payment(telegram_id, payload, "XTR", stars, charge_id)
            recorded += 1
            if recorded % 10 == 0:
                print("ten", flush=True)

    # Without locks some are refused by constraints: that ends a task and not the process.
    await asyncio.gather(
        *(record_some() for _task in range(AT_ONCE)), return_exceptions="unlocked" in sys.argv
    )
    await faceitbot.close()
    print("done", flush=True)


if "naive" in sys.argv:
    patch.object(completing, "record", naive).start()
if "unlocked" in sys.argv:
    patch.object(completing, "lock_owner", unlocked_owner).start()
    patch.object(completing, "lock_order", lambda order_id: Order.objects.get(pk=order_id)).start()
asyncio.run(main())
