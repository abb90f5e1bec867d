"""A bot's process: it works by itself until it is told to end, and answers commands meanwhile.

`bot_worker.py LIMITED`: users 1, 2, ... make requests, subscriptions end, hours are summed up. "read 1" gives
the match that user 1 was checked for last, "write 1 MATCH" sets it, "work" begins the work, "pay 7 CHARGE
ORDER" hears of a payment, "end" gives the account of it all. With the word `without-telling` writes tell the
caches nothing.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from datetime import timedelta

import faceitbot

faceitbot.setup()

from analytics.errors import AlreadyRunning  # noqa: E402
from analytics.repositories import RollUpRepository  # noqa: E402
from faceitbot.core import clock  # noqa: E402
from subscriptions.repositories import PaymentRepository, SubscriptionRepository  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

TASKS, PAST_HOURS = 12, 5
EXPIRY_SECONDS, ROLL_UP_SECONDS = 0.5, 2.0
AN_HOUR = timedelta(hours=1)

users, subscriptions, payments = UserRepository(), SubscriptionRepository(), PaymentRepository()
if "without-telling" in sys.argv:
    UserRepository._written = lambda *_all: None  # type: ignore[method-assign]


class Work:
    """What a bot does all the time, and what came of it."""

    def __init__(self, limited: int) -> None:
        self._limited = limited
        self._chance = random.Random()
        self._ends = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.calls = self.late = 0
        self.admitted = Counter[int]()
        self.expired: list[str] = []
        self.rolled_up = self.refused_roll_ups = 0

    def begin(self) -> None:
        loops = [self._answer_updates() for _task in range(TASKS)]
        others = self._tell_late(), self._expire(), self._roll_up()
        self._tasks = [asyncio.create_task(each) for each in (*loops, *others)]

    async def end(self) -> None:
        self._ends.set()
        await asyncio.gather(*self._tasks)

    async def _answer_updates(self) -> None:
        while not self._ends.is_set():
            number = self._chance.randint(1, self._limited)
            user = await users.touch(number)
            allowed, _limits = await subscriptions.consume_request(user.pk)
            self.admitted[number] += allowed
            self.calls += 1
            await self._pause(0.02)

    async def _expire(self) -> None:
        while not self._ends.is_set():
            changed = await subscriptions.check_and_expire_subscriptions()
            self.expired += [str(row.user_id) for row in changed]
            await self._pause(EXPIRY_SECONDS)

    async def _tell_late(self) -> None:
        """Count requests of hours that are over, which have been summed up already."""
        while not self._ends.is_set():
            hours = self._chance.randint(1, PAST_HOURS)
            one = {
                "user_id": self._chance.randint(1, self._limited),
                "timestamp": clock.now() - hours * AN_HOUR,
            }
            await users.bulk_update_activity([one])
            self.late += 1
            await self._pause(0.5)

    async def _roll_up(self) -> None:
        while not self._ends.is_set():
            try:
                await RollUpRepository().update_roll_ups()
                self.rolled_up += 1
            except AlreadyRunning:
                self.refused_roll_ups += 1
            await self._pause(ROLL_UP_SECONDS)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds * self._chance.uniform(0.5, 1.5)):
                await self._ends.wait()
        except TimeoutError:
            return


def say(answer: object) -> None:
    print(json.dumps(answer), flush=True)


async def main() -> None:
    work = Work(int(sys.argv[1]))
    say("ready")
    while True:
        match (await asyncio.to_thread(sys.stdin.readline)).split():
            case ["work"]:
                work.begin()
                say("working")
            case ["read", number]:
                user = await users.get_by_telegram_id(int(number))
                say(user.last_checked_match_id if user else None)
            case ["write", number, match]:
                await users.update_last_checked_match(int(number), match)
                say("written")
            case ["pay", number, charge, order, stars]:
                await payments.record_successful_payment(int(number), order, "XTR", int(stars), charge)
                say("paid")
            case _:
                break
    await work.end()
    await faceitbot.close()
    say(
        {
            "calls": work.calls,
            "late": work.late,
            "admitted": work.admitted,
            "expired": work.expired,
            "rolled_up": work.rolled_up,
            "refused_roll_ups": work.refused_roll_ups,
        }
    )


asyncio.run(main())
