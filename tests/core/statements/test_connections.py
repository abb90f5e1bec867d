"""The connections of an event loop: whose they are, when they go, and what they say of time."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from select import POLLIN, poll
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from psycopg import sql
from psycopg_pool import AsyncConnectionPool

import faceitbot
from faceitbot.core import atomically
from faceitbot.core.errors import OutcomeUnknown, Unavailable
from faceitbot.core.statements import close_line, ways
from faceitbot.core.statements import line as line_module
from faceitbot.core.statements.line import line_of_loop
from faceitbot.core.statements.pool import new_pool
from faceitbot.core.statements.tallies import Tally
from tests.core.statements.gated import Gated
from tests.eventually import eventually_async
from tests.factories import UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

users = UserRepository()
LOOK_UP = "UserRepository.get_user_with_subscription"


def own_sessions():
    """Give the server's processes behind the idle connections of this loop."""
    return [idle.info.backend_pid for idle in line_of_loop()._pool._pool]


def alive(sessions):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [sessions])
        return cursor.fetchone()[0]


def end(sessions):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM unnest(%s::int[]) AS pid", [sessions])


async def test_closing_gives_every_connection_back_and_waits_for_what_is_under_way():
    await users.create_user(7)
    await users.get_user_with_subscription(7)
    sessions = own_sessions()
    assert await atomically(alive, sessions) == len(sessions) > 0
    calls = [asyncio.ensure_future(users.touch(7)) for _call in range(20)]
    await asyncio.sleep(0)

    await faceitbot.close()

    assert [user.telegram_id for user in await asyncio.gather(*calls)] == [7] * 20
    for _attempt in range(100):  # the server notices a moment later
        if not await atomically(alive, sessions):
            break
    assert await atomically(alive, sessions) == 0
    assert (await users.get_user_with_subscription(7)).total_requests == 20


async def test_a_loop_opens_few_connections_however_many_call():
    await users.create_batch({"telegram_id": number} for number in range(1, 201))

    await asyncio.gather(*(users.get_user_with_subscription(number) for number in range(1, 201)))

    assert line_of_loop()._pool.get_stats()["pool_size"] <= 4


def test_a_loop_that_a_synchronous_caller_waits_for_opens_none():
    UserFactory(telegram_id=7)
    before = ways.calls(LOOK_UP)

    found = async_to_sync(users.get_user_with_subscription)(7)

    assert found.telegram_id == 7
    after = ways.calls(LOOK_UP)
    assert after[ways.THREAD] == before.get(ways.THREAD, 0) + 1
    assert after.get(ways.POOL, 0) == before.get(ways.POOL, 0)


def set_zone(zone):
    with connection.cursor() as cursor:
        name = sql.Identifier(connection.settings_dict["NAME"])
        cursor.execute(sql.SQL("ALTER DATABASE {} SET timezone = {}").format(name, zone))


async def test_moments_are_utc_whatever_the_database_is_set_to():
    await users.create_user(7)
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    await users.touch(7, now=noon)
    await close_line()
    await atomically(set_zone, "Europe/Moscow")
    try:
        user = await users.get_user_with_subscription(7)
    finally:
        await atomically(set_zone, "UTC")

    assert user.last_active_at == noon
    assert user.last_active_at.utcoffset() == timedelta()


async def test_a_connection_that_has_ended_while_it_was_idle_is_not_used():
    await users.create_user(7)
    await users.get_user_with_subscription(7)
    connections = line_of_loop()._pool._pool
    await eventually_async(lambda: len(connections) == line_of_loop()._pool.get_stats()["pool_size"])
    await atomically(end, own_sessions())
    await eventually_async(lambda: all(_has_ended(idle) for idle in connections))

    assert (await users.touch(7)).total_requests == 1


def _has_ended(idle):
    waiting = poll()
    waiting.register(idle.fileno(), POLLIN)
    return bool(waiting.poll(0))


class Swallowing:
    """Work that takes a cancellation for a failure, as connecting does."""

    async def run(self):
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)


@pytest.mark.parametrize("is_ours", [True, False])
async def test_a_worker_that_is_cancelled_in_the_middle_of_its_work_ends(is_ours):
    """The control, the library's own, waits for ever, and so does `asyncio.run`, which cancels it once."""
    worker = type(new_pool()).worker if is_ours else AsyncConnectionPool.worker
    work: asyncio.Queue[Any] = asyncio.Queue()
    work.put_nowait(Swallowing())
    working = asyncio.create_task(worker(work))
    await asyncio.sleep(0)

    working.cancel()
    done, _waiting = await asyncio.wait([working], timeout=20 if is_ours else 0.2)

    assert bool(done) is is_ours
    working.cancel()


@pytest.mark.parametrize("is_ours", [True, False])
async def test_writes_that_hang_leave_a_connection_to_those_who_read(is_ours, monkeypatch, settings):
    """The control lets them take all connections, and who reads waits for one of them to end."""
    line, begun = line_of_loop(), []
    if not is_ours:
        monkeypatch.setattr(line, "writers", asyncio.Semaphore(100))

    async def hang(_repository, line, counts):
        begun.append(counts)
        return await line.write("hang", "SELECT pg_sleep(1)::text", {})

    number = settings.STATEMENT_CONNECTIONS
    await asyncio.gather(*(line.read("open", "SELECT pg_sleep(0.05)::text", {}) for _each in range(number)))
    tallies = [Tally(f"hang {each}", None, hang, Gated().answer, line) for each in range(number)]
    writes = [asyncio.ensure_future(tally.ask(7)) for tally in tallies]
    await eventually_async(lambda: len(begun) == number - is_ours)

    assert await users.get_by_telegram_id(1) is None

    assert any(write.done() for write in writes) is not is_ours
    assert await asyncio.gather(*writes) == [7] * number


async def test_who_calls_while_the_connections_close_is_refused_and_who_is_under_way_is_answered():
    line, gated = line_of_loop(), Gated()
    tally = Tally("Test.count", None, gated.count, gated.answer, line)
    under_way = [asyncio.ensure_future(tally.ask(key)) for key in range(3)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(close_line())
    await asyncio.sleep(0)

    with pytest.raises(Unavailable) as refused:
        await users.get_user_with_subscription(1)

    assert refused.value.context["reason"] == "shutting_down"
    gated.gate.set()
    assert await asyncio.gather(*under_way) == [0, 1, 2]
    await closing
    assert line._pool.closed
    assert await users.get_user_with_subscription(1) is None
    assert line_of_loop() is not line


async def test_an_unknown_outcome_stays_unknown_whoever_fails_to_be_told_of_it(monkeypatch):
    async def lose(*_given):
        raise line_module._Lost([])

    async def fail(_rows):
        raise TypeError("a bug")

    monkeypatch.setattr(line_module.Line, "_run", lose)

    with pytest.raises(OutcomeUnknown):
        await line_of_loop().write("touch", "SELECT 1", {}, unknown=fail)
