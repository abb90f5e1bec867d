"""What the cache saves and what it costs: `python3 dev.py exec --fresh -- python -m bench.cache`."""

import asyncio
import os
import platform
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, cast
from uuid import UUID

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import caches
from django.db import connection

import faceitbot
from bench.rounds import Contender, measure, table
from faceitbot.core.cache import counters, maintenance
from faceitbot.core.cache.registry import counters_of, server_of
from users.models import User
from users.repositories import UserRepository

USERS = 100_000
HOT = 1_000  # users that are read again and again; no two of them at the same time
ROUNDS = 7
CALLS = {1: 300, 50: 1_000, 200: 1_000}
WRITES = {1: 200, 50: 1_000, 200: 1_000}
FIGURES = {1: 10, 50: 50}  # more at once would wait longer than a call may
BATCH = 10_000
AT_ONCE = 10
FIRST_ID = 5_000_000_000
LANGUAGES = ("ru", "ru", "ru", "uk", "en")
COLUMNS = [column.attname for column in User._meta.concrete_fields]


class Untold(UserRepository):
    """Writes without telling the cache."""

    def _written(self, scopes: Collection[str]) -> None:
        pass


repository, untold = UserRepository(), Untold()
hot: list[User] = []
rows_as_json: list[dict[str, Any]] = []


# ---- What is called


async def by_telegram_id(number: int) -> User | None:
    return await repository.get_by_telegram_id(FIRST_ID + number % HOT)


async def django_redis(number: int) -> Any:
    return await caches["default"].aget(f"user:{FIRST_ID + number % HOT}")


def waiting(users: UserRepository) -> Callable[[int], Awaitable[User | None]]:
    return lambda number: users.set_waiting_for_nickname(FIRST_ID + number % HOT)


def touch(users: UserRepository) -> Callable[[int], Awaitable[User | None]]:
    return lambda number: users.touch(FIRST_ID + number % HOT)


async def user_stats(_number: int) -> dict[str, Any]:
    return await repository.get_user_stats()


# ---- What is the right answer


def is_the_row(number: int, answer: User) -> bool:
    return type(answer) is User and columns(answer) == columns(hot[number % HOT])


def is_the_json(number: int, answer: dict[str, Any]) -> bool:
    return answer == rows_as_json[number % HOT]


def is_waiting(number: int, answer: User) -> bool:
    return answer.telegram_id == FIRST_ID + number % HOT and answer.waiting_for_nickname


def is_counted(number: int, answer: User) -> bool:
    return answer.telegram_id == FIRST_ID + number % HOT and answer.total_requests > 0


def is_complete(_number: int, answer: dict[str, Any]) -> bool:
    return bool(answer["total_users"] == USERS)


def columns(user: User) -> list[object]:
    return [getattr(user, name) for name in COLUMNS]


# ---- What lies in Redis before


async def switched_off() -> None:
    for alias in ("player_cache", "stats_cache"):
        settings.CACHES[alias]["TIMEOUT"] = 0


async def cold() -> None:
    for alias in ("player_cache", "stats_cache"):
        settings.CACHES[alias]["TIMEOUT"] = 3_600
        await asyncio.to_thread(maintenance.clear, alias)


async def warm() -> None:
    await cold()
    for first in range(0, HOT, AT_ONCE):
        await asyncio.gather(*(by_telegram_id(number) for number in range(first, first + AT_ONCE)))
    await user_stats(0)


def counted(alias: str, counter: str) -> Callable[[], int]:
    return lambda: counters_of(alias).snapshot()[counter]


# ---- The groups

READING = [
    Contender("from the database, cache switched off", by_telegram_id, is_the_row, switched_off),
    Contender("hit", by_telegram_id, is_the_row, warm, counted("player_cache", counters.HIT)),
    Contender(
        "miss: load and store", by_telegram_id, is_the_row, cold, counted("player_cache", counters.MISS)
    ),
    Contender("django-redis aget, a dict from JSON", django_redis, is_the_json, warm),
]
WRITING = [
    Contender("set_waiting_for_nickname, cache not told", waiting(untold), is_waiting, warm),
    Contender("set_waiting_for_nickname", waiting(repository), is_waiting, warm),
]
TOUCHING = [
    Contender("touch, cache not told", touch(untold), is_counted, warm),
    Contender("touch", touch(repository), is_counted, warm),
]
COUNTING = [
    Contender("get_user_stats, cache switched off", user_stats, is_complete, switched_off),
    Contender("get_user_stats, hit", user_stats, is_complete, warm, counted("stats_cache", counters.HIT)),
]


async def fill() -> None:
    """Register the users, and note the rows that the answers are compared with."""
    draw = random.Random(20)
    for first in range(0, USERS, BATCH):
        await repository.create_batch(
            {
                "telegram_id": FIRST_ID + number,
                "faceit_player_id": draw.choice((str(UUID(int=draw.getrandbits(128))), None)),
                "faceit_nickname": f"player{number}",
                "language": draw.choice(LANGUAGES),
            }
            for number in range(first, first + BATCH)
        )
    await sync_to_async(analyze)()
    await switched_off()
    for number in range(HOT):
        user = cast("User", await by_telegram_id(number))
        hot.append(user)
        await caches["default"].aset(
            f"user:{user.telegram_id}", dict(zip(COLUMNS, columns(user), strict=True)), None
        )
        rows_as_json.append(await django_redis(number))


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE users")
    connection.close()


async def main() -> None:
    server = (await asyncio.to_thread(server_of("player_cache").client.info))["valkey_version"]
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python {platform.python_version()};"
        f" Django {django.__version__}; Valkey {server}; {USERS:,} users; medians (least-most) of {ROUNDS}"
    )
    await fill()
    groups: Sequence[tuple[str, list[Contender], dict[int, int]]] = (
        ("get_by_telegram_id", READING, CALLS),
        ("one column", WRITING, WRITES),
        ("a request", TOUCHING, WRITES),
        ("figures", COUNTING, FIGURES),
    )
    for title, contenders, sizes in groups:
        for tasks, calls in sizes.items():
            samples = await measure(contenders, tasks=tasks, calls=calls, rounds=ROUNDS)
            print(f"\n{table(f'{title}, {tasks} at once', samples)}", flush=True)
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")
    await faceitbot.close()


if __name__ == "__main__":
    asyncio.run(main())
