"""What a write says to Redis does not depend on how many values are cached.

Redis is listened to: MONITOR shows every command that reaches it.
"""

import asyncio
import time
from contextlib import contextmanager
from statistics import median
from uuid import uuid4

import pytest
from django.core.cache import caches

from faceitbot.core.cache.registry import server_of
from tests.core.cache.counted import counted
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = UserRepository()
FEW = 20
WRITES = 20
BATCH = 10
AT_ONCE = 500
# What a connection says when it is opened is no part of a write, nor what the process reports every 5 s.
GREETINGS = {"HELLO", "AUTH", "CLIENT", "SELECT", "INFO"}
REPORTS = ":counters:"


def client():
    return server_of("player_cache").client


@contextmanager
def listened():
    """Give the commands that Redis gets within the block, each as its words; complete at its end."""
    commands, end = [], f"end {uuid4()}"
    with client().monitor() as monitor:
        yield commands
        client().echo(end)
        for heard in monitor.listen():
            words = heard["command"].split(" ")
            if heard["command"] == f"ECHO {end}":
                return
            if words[0].upper() not in GREETINGS and REPORTS not in heard["command"]:
                commands.append([words[0].upper(), *words[1:]])


async def cache_users(telegram_ids):
    """Register users and read each of them by the Telegram id, as their bot does."""
    rows = await repository.create_batch(
        {"telegram_id": number, "faceit_nickname": f"player{number}"} for number in telegram_ids
    )
    for first in range(0, len(rows), AT_ONCE):
        page = rows[first : first + AT_ONCE]
        await asyncio.gather(*(repository.get_by_telegram_id(row.telegram_id) for row in page))
    return rows


def values_in_redis():
    return sum(1 for _name in client().scan_iter("player_cache:*:users:get_by_telegram_id:*", count=1000))


async def timed(write):
    """Give how long a write took. Units: milliseconds."""
    began = time.perf_counter()
    await write
    return (time.perf_counter() - began) * 1000


async def cost_of_one(user):
    """Give the commands of one write, and the median duration of several."""
    with listened() as commands:
        await repository.set_waiting_for_nickname(user.telegram_id)
    times = [
        await timed(repository.set_waiting_for_nickname(user.telegram_id, bool(number % 2)))
        for number in range(WRITES)
    ]
    return commands, median(times)


async def cost_of_a_batch(users):
    with listened() as commands:
        took = await timed(repository.update_batch({"id": user.pk, "language": "en"} for user in users))
    return commands, took


async def cost_of_a_pattern(user):
    """The naive way: look through all keys for those that might show the user."""
    cache, pattern = caches["player_cache"], f"users:*:{user.telegram_id}"
    with listened() as commands:
        took = await timed(asyncio.to_thread(cache.delete_pattern, pattern, itersize=1000))
    return commands, took


def stamp(scope):
    return f"player_cache:1:users:stamp:{scope}"


@pytest.mark.proof("cache_writes")
async def test_the_commands_of_a_write_do_not_depend_on_how_much_is_cached(full_size, report):
    many = 100_000 if full_size else 2_000
    measured = {}

    for cached, telegram_ids in ((FEW, range(1, FEW + 1)), (many, range(FEW + 1, many + 1))):
        user, neighbour, *others = await cache_users(telegram_ids)
        assert values_in_redis() == cached
        measured[cached] = await cost_of_one(user), await cost_of_a_pattern(neighbour)
        with counted() as counts:
            assert (await repository.get_by_telegram_id(user.telegram_id)).waiting_for_nickname is True
            await repository.get_by_telegram_id(neighbour.telegram_id)
        assert counts == {"stale": 1, "hits": 1}
        assert measured[cached][0][0] == [
            [
                "DEL",
                stamp(f"faceit_nickname=player{user.telegram_id}"),
                stamp(f"id={user.pk}"),
                stamp(f"telegram_id={user.telegram_id}"),
            ]
        ]

    for cached, ((commands, milliseconds), (naive, naive_milliseconds)) in measured.items():
        report(
            f"{cached} users cached: a write sends {len(commands)} command and takes {milliseconds:.1f} ms"
            f" (median of {WRITES}); looking for a pattern sends {len(naive)} and takes"
            f" {naive_milliseconds:.1f} ms"
        )
    assert all(command[0] == "SCAN" for _write, (naive, _ms) in measured.values() for command in naive)
    assert len(measured[FEW][1][0]) == 1
    assert len(measured[many][1][0]) > many / 1000


@pytest.mark.proof("cache_writes")
async def test_a_batch_moves_one_stamp_of_its_table_however_much_is_cached(full_size, report):
    many = 100_000 if full_size else 2_000

    for cached, telegram_ids in ((FEW, range(1, FEW + 1)), (many, range(FEW + 1, many + 1))):
        rows = await cache_users(telegram_ids)
        for row in rows[:BATCH]:
            await repository.get_by_telegram_id(row.telegram_id)
        assert values_in_redis() == cached

        commands, milliseconds = await cost_of_a_batch(rows[:BATCH])

        report(
            f"{cached} users cached: a batch of {BATCH} sends {len(commands)} commands"
            f" and takes {milliseconds:.1f} ms"
        )
        assert sorted(commands) == [
            ["DEL", "player_cache:1:users:stamp:*"],
            ["DEL", "stats_cache:1:users:stamp:*"],
        ]
        with counted() as counts:
            users = await asyncio.gather(
                *(repository.get_by_telegram_id(row.telegram_id) for row in rows[: BATCH + 1])
            )
        assert [user.language for user in users] == ["en"] * BATCH + ["ru"]
        assert counts == {"stale": BATCH + 1}
