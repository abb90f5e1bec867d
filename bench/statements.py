"""Hot methods against threads and Django's async ORM.

`python3 dev.py exec --fresh -- python -m bench.statements`
"""

import asyncio
import os
import platform
from collections.abc import Awaitable, Callable
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django.db.models import Case, F, Q, Value, When

import faceitbot
from bench.rounds import Contender, measure, table
from faceitbot.core.statements import ways
from subscriptions.models import TierLimits, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from users.models import User
from users.repositories import UserRepository

USERS = 20_000
ROUNDS = 5
CALLS = {1: 300, 50: 3_000, 200: 6_000}
BATCH = 10_000
FIRST_ID = 5_000_000_000

users, subscriptions = UserRepository(), SubscriptionRepository()
keys: list[Any] = []


def at(number: int) -> int:
    """Spread the calls over all users, so that no two at the same time are about one."""
    return number * 7_919 % USERS


# ---- What is called


async def hot_user(number: int) -> User | None:
    return await users.get_user_with_subscription(FIRST_ID + at(number))


async def orm_user(number: int) -> User | None:
    rows = User.objects.select_related("subscription")
    return await rows.filter(telegram_id=FIRST_ID + at(number)).afirst()


async def hot_row(number: int) -> User | None:
    return await users.get_by_telegram_id(FIRST_ID + at(number))


async def orm_row(number: int) -> User | None:
    return await User.objects.filter(telegram_id=FIRST_ID + at(number)).afirst()


async def hot_limit(number: int) -> Any:
    return await subscriptions.consume_request(keys[at(number)])


async def orm_limit(number: int) -> Any:
    """Count one request as a CASE, without what else the method tells."""
    rows = UserSubscription.objects.filter(user_id=keys[at(number)])
    within = Q(daily_requests__lt=TierLimits.objects.filter(tier="free").values("daily_requests")[:1])
    counted = Case(When(within, then=F("daily_requests") + Value(1)), default=F("daily_requests"))
    return await rows.aupdate(daily_requests=counted)


async def hot_touch(number: int) -> User:
    return await users.touch(FIRST_ID + at(number))


# ---- What is the right answer


def is_the_user(number: int, answer: User) -> bool:
    return bool(answer.telegram_id == FIRST_ID + at(number))


def is_the_user_with_subscription(number: int, answer: User) -> bool:
    return is_the_user(number, answer) and bool(answer.subscription.user_id == keys[at(number)])


def is_an_answer(_number: int, answer: Any) -> bool:
    return answer is not None


# ---- Which way it goes


async def on_the_loop() -> None:
    settings.STATEMENT_CONNECTIONS = 4
    settings.CACHES["player_cache"]["TIMEOUT"] = 0


async def on_threads() -> None:
    await on_the_loop()
    settings.STATEMENT_CONNECTIONS = 0


def counted(*names: str) -> Callable[[], int]:
    return lambda: sum(ways.calls(name).get(ways.POOL, 0) for name in names)


def group(
    hot: Callable[[int], Awaitable[Any]],
    orm: Callable[[int], Awaitable[Any]] | None,
    is_right: Callable[[int, Any], bool],
    name: str,
) -> list[Contender]:
    contenders = [
        Contender("on the loop's own connections", hot, is_right, on_the_loop, counted(name)),
        Contender("in the threads", hot, is_right, on_threads),
    ]
    if orm is not None:
        contenders.append(Contender("Django's async ORM", orm, is_right, on_the_loop))
    return contenders


GROUPS = {
    "a user by Telegram id, no cache": group(
        hot_row, orm_row, is_the_user, "UserRepository.get_by_telegram_id"
    ),
    "a user with the subscription": group(
        hot_user,
        orm_user,
        is_the_user_with_subscription,
        "UserRepository.get_user_with_subscription",
    ),
    "a request against the limit": group(
        hot_limit, orm_limit, is_an_answer, "RequestMethods.consume_request"
    ),
    "touch": group(hot_touch, None, is_the_user, "UserRepository.touch"),
}


async def fill() -> None:
    """Register the users, and remember their keys."""
    for first in range(0, USERS, BATCH):
        rows = await users.create_batch(
            {"telegram_id": FIRST_ID + number} for number in range(first, first + BATCH)
        )
        keys.extend(row.pk for row in rows)
    await sync_to_async(analyze)()


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE users, user_subscriptions")
    connection.close()


async def main() -> None:
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python {platform.python_version()};"
        f" Django {django.__version__}; {USERS:,} users; medians (least-most) of {ROUNDS}"
    )
    await fill()
    for title, contenders in GROUPS.items():
        for tasks, calls in CALLS.items():
            samples = await measure(contenders, tasks=tasks, calls=calls, rounds=ROUNDS)
            print(f"\n{table(f'{title}, {tasks} at once', samples)}", flush=True)
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")
    await faceitbot.close()


if __name__ == "__main__":
    asyncio.run(main())
