"""Concurrent reads of one key ask the database once, and nobody is given what is older than his question."""

import asyncio
import gc
import threading
import warnings
from math import inf
from pathlib import Path

import pytest
from django.db.backends.utils import CursorWrapper

from faceitbot.core import atomically, turns
from faceitbot.core.cache import flights
from faceitbot.core.cache.flights import Flights
from faceitbot.core.cache.keys import row_scope, stamp_name
from faceitbot.core.cache.link import Link, close_links, link_to, settle_links
from faceitbot.core.cache.protocol import Fetch
from faceitbot.core.cache.registry import counters_of, server_of
from faceitbot.core.cache.state import State
from faceitbot.core.errors import InvalidInput, Unavailable
from faceitbot.core.stopping import Stopped
from faceitbot.core.transactions import query
from tests.core.cache.counted import counted
from tests.eventually import eventually, eventually_async
from tests.threads import started
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = UserRepository()


@pytest.fixture
def queries(monkeypatch, settings):
    """Collect the statements that are sent from any thread; none are shared but by the cache."""
    settings.STATEMENT_CONNECTIONS = 0
    sent, execute = [], CursorWrapper.execute

    def remember(self, sql, params=None):
        sent.append(sql)
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", remember)
    return sent


def other_process_writes(language):
    """Write as another process does: this one knows nothing of it but what Redis says."""
    User.objects.filter(telegram_id=7).update(language=language)
    scope = stamp_name("player_cache", "users", row_scope("telegram_id", "7"))
    server_of("player_cache").client.delete(scope)


@pytest.fixture
def slow_reads(monkeypatch):
    """Let reads of users wait with what they have found until they are released, from the second on not."""
    gate, begun = threading.Event(), []

    def body(self, user_id):
        begun.append(user_id)
        first = len(begun) == 1
        found = User.objects.filter(telegram_id=user_id).first()
        assert not first or gate.wait(30)
        return found

    body.__name__ = body.__qualname__ = "get_by_telegram_id"
    monkeypatch.setattr(vars(UserRepository)["get_by_telegram_id"], "_body", query(body))
    yield gate, begun
    gate.set()


async def test_five_hundred_readers_of_a_cold_key_send_one_query(queries):
    await repository.create_user(7)
    queries.clear()

    with counted() as counts:
        users = await asyncio.gather(*(repository.get_by_telegram_id(7) for _reader in range(500)))

    assert len([sql for sql in queries if "SELECT" in sql]) == 1
    assert counts["shared"] + counts.get("hits", 0) == 499
    assert len({id(user) for user in users}) == 500
    assert {user.telegram_id for user in users} == {7}


async def test_so_they_do_while_redis_is_away(queries, monkeypatch):
    await repository.create_user(7)
    queries.clear()
    monkeypatch.setattr(State, "is_usable", lambda _state: False)
    # The machine may be busy; and who comes in a later turn of the loop may come after the load.
    monkeypatch.setattr(flights, "_JOINED_WITHIN", 60.0)
    monkeypatch.setattr(turns, "_SECONDS", inf)

    users = await asyncio.gather(*(repository.get_by_telegram_id(7) for _reader in range(500)))

    assert len([sql for sql in queries if "SELECT" in sql]) == 1
    assert {user.telegram_id for user in users} == {7}


async def test_only_so_many_wait_for_the_load_of_others(slow_reads, settings):
    gate, begun = slow_reads
    await repository.create_user(7)
    link = link_to(server_of("player_cache"))
    settings.TRANSACTION_QUEUE_SIZE = 5

    readers = [asyncio.create_task(repository.get_by_telegram_id(7)) for _reader in range(10)]
    await eventually_async(lambda: sum(reader.done() for reader in readers) == 4)
    gate.set()
    found = await asyncio.gather(*readers, return_exceptions=True)

    assert begun == [7]
    refused = [each for each in found if isinstance(each, Unavailable)]
    assert [each.context["reason"] for each in refused] == ["queue_full"] * 4
    assert [each.telegram_id for each in found if isinstance(each, User)] == [7] * 6
    assert link.sharing == 0


@pytest.fixture
def late_answers(monkeypatch):
    """Let the second look-up wait with its answer until it is released; the first load is stored after it."""
    looked: list[asyncio.Event] = []
    released, ask = asyncio.Event(), Link.ask

    async def late(link, step, seconds):
        if isinstance(step, Fetch):
            number = len(looked)
            looked.append(asyncio.Event())
            answer = await ask(link, step, seconds)
            looked[number].set()
            if number == 1:
                await released.wait()
            return answer
        if "EVAL" in step.commands[0] and not released.is_set():
            await looked[1].wait()
        return await ask(link, step, seconds)

    monkeypatch.setattr(Link, "ask", late)
    return released


async def test_a_reader_who_hears_late_that_there_is_nothing_takes_the_load_that_has_ended(
    queries, late_answers
):
    await repository.create_user(7)
    queries.clear()

    with counted() as counts:
        first, second = (asyncio.create_task(repository.get_by_telegram_id(7)) for _reader in range(2))
        await first
        late_answers.set()

        assert (await second).telegram_id == 7
    assert len([sql for sql in queries if "SELECT" in sql]) == 1
    assert counts["shared"] == 1


async def test_control_when_ended_loads_are_forgotten_at_once_he_sends_his_own(
    queries, late_answers, monkeypatch
):
    await repository.create_user(7)
    queries.clear()
    land = Flights.land
    monkeypatch.setattr(Flights, "land", lambda *about, failed: land(*about, failed=True))

    first, second = (asyncio.create_task(repository.get_by_telegram_id(7)) for _reader in range(2))
    await first
    late_answers.set()
    await second

    assert len([sql for sql in queries if "SELECT" in sql]) == 2


async def test_he_does_not_take_it_if_there_has_been_a_write_meanwhile(late_answers):
    await repository.create_user(7)
    first, second = (asyncio.create_task(repository.get_by_telegram_id(7)) for _reader in range(2))
    assert (await first).language == "ru"

    await atomically(other_process_writes, "en")
    late_answers.set()

    assert (await second).language == "en"


async def test_who_asks_after_a_load_has_ended_does_not_take_it(queries):
    await repository.create_user(7)
    await repository.get_by_telegram_id(7)
    queries.clear()
    server = server_of("player_cache")
    for name in server.client.scan_iter("player_cache:*:get_by_telegram_id:*"):
        server.client.delete(name)  # as Redis does when it needs room; the stamps stay

    await repository.get_by_telegram_id(7)

    assert len([sql for sql in queries if "SELECT" in sql]) == 1


async def test_control_without_sharing_each_reader_sends_its_own(queries, monkeypatch):
    await repository.create_user(7)
    queries.clear()
    monkeypatch.setattr(State, "is_usable", lambda _state: False)
    monkeypatch.setattr(Flights, "find", lambda *_: None)

    await asyncio.gather(*(repository.get_by_telegram_id(7) for _reader in range(50)))

    assert len([sql for sql in queries if "SELECT" in sql]) == 50


@pytest.mark.parametrize("redis_answers", [True, False])
async def test_who_asks_after_a_write_is_not_given_a_load_that_began_before(
    slow_reads, monkeypatch, redis_answers
):
    gate, begun = slow_reads
    await repository.create_user(7)
    if not redis_answers:
        monkeypatch.setattr(State, "is_usable", lambda _state: False)
    early = asyncio.create_task(repository.get_by_telegram_id(7))
    await eventually_async(lambda: len(begun) == 1)

    await repository.set_waiting_for_nickname(7)
    late = await repository.get_by_telegram_id(7)
    gate.set()

    assert late.waiting_for_nickname is True
    assert (await early).waiting_for_nickname is False
    assert (await repository.get_by_telegram_id(7)).waiting_for_nickname is True


async def test_who_asks_after_a_write_of_another_process_is_not_given_the_older_load_either(slow_reads):
    gate, begun = slow_reads
    await repository.create_user(7)
    early = asyncio.create_task(repository.get_by_telegram_id(7))
    await eventually_async(lambda: len(begun) == 1)

    await atomically(other_process_writes, "en")
    assert (await repository.get_by_telegram_id(7)).language == "en"
    await atomically(other_process_writes, "uk")
    assert (await repository.get_by_telegram_id(7)).language == "uk"
    gate.set()

    assert (await early).language == "ru"
    assert (await repository.get_by_telegram_id(7)).language == "uk"


def shared():
    return counters_of("player_cache").snapshot()["shared"]


def read_in_threads(number, gate):
    """Open the gate of a load once all others wait for it; give what each thread was given, or `Stopped`."""
    found, before = [], shared()

    def read():
        try:
            found.append(repository.get_by_telegram_id.blocking(7))
        except Stopped as error:
            found.append(error)

    threads = [started(read) for _reader in range(number)]
    eventually(lambda: shared() - before == number - 1)
    gate.set()
    for thread in threads:
        thread.join()
    return found


def test_threads_share_a_load_too(slow_reads):
    gate, begun = slow_reads
    repository.create_user.blocking(7)

    with counted() as counts:
        found = read_in_threads(8, gate)

    assert begun == [7]
    assert counts["shared"] == 7
    assert [user.telegram_id for user in found] == [7] * 8
    assert len({id(user) for user in found}) == 8


def test_loops_that_end_without_closing_leave_nothing_open():
    async def read():
        return await repository.get_by_telegram_id(7)

    async def read_and_close():
        await read()
        await close_links()

    def descriptors():
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # which is what they are told
        asyncio.run(read())
        before = descriptors()
        for _loop in range(10):
            asyncio.run(read())
        after = descriptors()
        asyncio.run(read_and_close())
        gc.collect()

    assert after - before <= 2


async def test_a_cancelled_reader_does_not_take_the_load_from_the_others(slow_reads):
    gate, begun = slow_reads
    await repository.create_user(7)
    first, second = (asyncio.create_task(repository.get_by_telegram_id(7)) for _reader in range(2))
    await eventually_async(lambda: len(begun) == 1)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()

    assert (await second).telegram_id == 7
    assert begun == [7]


async def test_readers_cancelled_while_they_talk_to_redis_leave_the_connections_whole():
    for user_id in range(1, 41):
        await repository.create_user(user_id)

    for turn in range(30):
        tasks = [asyncio.create_task(repository.get_by_telegram_id(1 + n)) for n in range(40)]
        for _tick in range(turn % 6):
            await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        users = await asyncio.gather(*tasks, return_exceptions=True)
        answered = [(n, user) for n, user in enumerate(users) if not isinstance(user, asyncio.CancelledError)]
        assert [user.telegram_id for _n, user in answered] == [1 + n for n, _user in answered]
        assert len(answered) >= 20


async def test_an_error_of_the_load_reaches_everybody_and_is_not_remembered(monkeypatch):
    await repository.create_user(7)
    body = vars(UserRepository)["get_by_telegram_id"]

    def fails(self, user_id):
        raise LookupError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(body, "_body", query(fails))
        found = await asyncio.gather(
            *(repository.get_by_telegram_id(7) for _reader in range(5)), return_exceptions=True
        )

    assert [str(error) for error in found] == ["broken"] * 5
    assert (await repository.get_by_telegram_id(7)).telegram_id == 7


async def test_readers_of_one_failed_load_have_an_error_each(monkeypatch):
    await repository.create_user(7)
    gate = threading.Event()

    def body(self, user_id):
        assert gate.wait(30)
        raise InvalidInput("not this one")

    monkeypatch.setattr(vars(UserRepository)["get_by_telegram_id"], "_body", query(body))
    before = shared()
    readers = [asyncio.ensure_future(repository.get_by_telegram_id(7)) for _reader in range(3)]
    await eventually_async(lambda: shared() - before == 2)
    gate.set()
    found = await asyncio.gather(*readers, return_exceptions=True)

    assert [type(error) for error in found] == [InvalidInput] * 3
    assert len({id(error) for error in found}) == 3


def test_a_thread_loads_for_itself_when_the_load_that_it_waits_for_was_ended_by_somebody(monkeypatch):
    repository.create_user.blocking(7)
    gate, begun = threading.Event(), []

    def body(self, user_id):
        begun.append(user_id)
        if len(begun) > 1:
            return User.objects.get(telegram_id=user_id)
        assert gate.wait(30)
        raise Stopped("the work was asked to end")

    monkeypatch.setattr(vars(UserRepository)["get_by_telegram_id"], "_body", query(body))

    found = read_in_threads(2, gate)

    assert sorted(type(each).__name__ for each in found) == ["Stopped", "User"]


async def test_settling_waits_for_the_loads_that_come_of_what_is_under_way(monkeypatch):
    """So `faceitbot.close` closes no connection that a reader is about to need."""
    released, fetch_all, loads = asyncio.Event(), Link._fetch_all, []

    async def late(link, requests):
        await released.wait()
        return await fetch_all(link, requests)

    def body(self, user_id):
        loads.append(user_id)
        return User.objects.get(telegram_id=user_id)

    monkeypatch.setattr(Link, "_fetch_all", late)
    monkeypatch.setattr(vars(UserRepository)["get_by_telegram_id"], "_body", query(body))
    await repository.create_user(7)
    reading = asyncio.create_task(repository.get_by_telegram_id(7))
    await eventually_async(lambda: link_to(server_of("player_cache"))._fetches.is_busy)
    settling = asyncio.create_task(settle_links())
    await asyncio.sleep(0)
    assert not settling.done()
    assert not loads

    released.set()
    await settling

    assert loads == [7]
    assert not link_to(server_of("player_cache")).tasks
    assert (await reading).telegram_id == 7
