"""A bot's process that claims refunds, some at a time: "ready", then on a line of input the ids that it got.

Started with "unlocked" it claims without looking what others are claiming.
"""

import asyncio
import json
import sys
from unittest.mock import patch

import faceitbot

faceitbot.setup()

from subscriptions.payments import refunding  # noqa: E402
from subscriptions.repositories import PaymentRepository  # noqa: E402

repository = PaymentRepository()


async def main(claims: int, limit: int) -> None:
    await repository.count()  # the connection is there
    print("ready", flush=True)
    sys.stdin.readline()
    found = [await repository.get_refunds_to_submit(limit=limit) for _claim in range(claims)]
    print(json.dumps([refund.charge_id for some in found for refund in some]), flush=True)
    await faceitbot.close()


if "unlocked" in sys.argv:
    unlocked = refunding._CLAIM.replace("FOR NO KEY UPDATE SKIP LOCKED", "")
    assert unlocked != refunding._CLAIM
    patch.object(refunding, "_CLAIM", unlocked).start()
asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
