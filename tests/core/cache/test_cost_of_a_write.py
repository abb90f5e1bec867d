"""What a write says to Redis does not depend on how many values are cached.

Redis is listened to: MONITOR shows every command that reaches it.
"""

import asyncio
import time
from functools import partial
from statistics import median

import pytest
from django.conf import settings

from faceitbot.core.cache import blocking, maintenance
from faceitbot.core.cache.registry import server_of
from tests.core.cache.counted import counted
from tests.core.cache.listening import listened
from users.repositories import UserRepository

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

repository = UserRepository()
FEW = 20
BATCH = 10
WRITES = 20
SCANNED_AT_ONCE = 100


def client():
    return server_of("player_cache").client


def cache_by_telegram_id(users):
    """Have each user looked up; the rows are known, so that the database need not be asked 100 000 times."""
    spec = UserRepository.get_by_telegram_id.spec
    for user in users:
        call = spec.call(repository, (user.telegram_id,), {})
        blocking.read(call, partial(call.loaded, user))


def values_in_redis():
    return sum(1 for _name in client().scan_iter("player_cache:*:users:get_by_telegram_id:*", count=1000))


def stamp(scope, alias="player_cache"):
    return f"{alias}:1:users:stamp:{scope}"


def forget_by_pattern(user):
    """The naive invalidation, as control: look through all keys for those that show the user."""
    pattern = f"player_cache:*:users:*:{user.telegram_id}"
    client().delete(*client().scan_iter(pattern, count=SCANNED_AT_ONCE))


async def timed(write):
    """Give how long a write took. Units: milliseconds."""
    began = time.perf_counter()
    await write
    return (time.perf_counter() - began) * 1000


async def heard_of(write):
    """Give the commands of a write, and how long it took."""
    with listened() as commands:
        took = await timed(write)
    return commands, took


async def read_again(users):
    """Give the rows as the cache or the database has them, and what was counted."""
    with counted() as counts:
        rows = [await repository.get_by_telegram_id(user.telegram_id) for user in users]
    return rows, counts


@pytest.mark.proof("cache_writes")
async def test_the_commands_of_a_write_do_not_depend_on_how_much_is_cached(full_size, report, monkeypatch):
    monkeypatch.setitem(settings.CACHES["player_cache"], "TIMEOUT", 3600)  # nothing ends while it is measured
    many = 100_000 if full_size else 2_000
    scans = {}
    for cached, first in ((FEW, 1), (many, FEW + 1)):
        maintenance.clear("player_cache")
        users = await repository.create_batch(
            {"telegram_id": first + number, "faceit_nickname": f"player{first + number}"}
            for number in range(cached)
        )
        cache_by_telegram_id(users)
        assert values_in_redis() == cached
        one, other, *rest = users[:FEW]

        # One write: one command, which names the stamps of this row's look-ups; its neighbours stay.
        write, _took = await heard_of(repository.set_waiting_for_nickname(one.telegram_id))
        scopes = (f"faceit_nickname={one.faceit_nickname}", f"id={one.pk}", f"telegram_id={one.telegram_id}")
        assert [sorted(words) for words in write] == [["DEL", *(stamp(scope) for scope in scopes)]]
        rows, counts = await read_again(users[:FEW])
        assert [row.waiting_for_nickname for row in rows] == [True] + [False] * (FEW - 1)
        assert counts == {"stale": 1, "hits": FEW - 1}
        times = [
            await timed(repository.set_waiting_for_nickname(one.telegram_id, bool(number % 2)))
            for number in range(WRITES)
        ]

        # Control: who looks for the keys of a row among all of them sends more with each key.
        search, took_to_search = await heard_of(asyncio.to_thread(forget_by_pattern, other))
        assert {words[0] for words in search} == {"SCAN", "DEL"}
        assert (await read_again([other]))[1] == {"misses": 1}
        scans[cached] = len(search) - 1

        # A batch: one stamp for the table in each cache that shows it.
        changes = [{"id": user.pk, "language": "en"} for user in rest[:BATCH]]
        batch, took_in_a_batch = await heard_of(repository.update_batch(changes))
        assert sorted(batch) == [["DEL", stamp("*")], ["DEL", stamp("*", "stats_cache")]]
        rows, counts = await read_again(rest)
        assert [row.language for row in rows] == ["en"] * BATCH + ["ru"] * (len(rest) - BATCH)
        assert counts == {"stale": len(rest)}

        report(
            f"{cached} users cached: a write sends {len(write)} command ({median(times):.1f} ms,"
            f" median of {WRITES}), a batch of {BATCH} users {len(batch)} ({took_in_a_batch:.1f} ms),"
            f" a search for a pattern {len(search)} ({took_to_search:.1f} ms)"
        )

    assert scans[FEW] == 1
    assert scans[many] > many / SCANNED_AT_ONCE
