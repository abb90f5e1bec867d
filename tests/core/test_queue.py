"""The queue before the transaction threads: bounded, with a deadline, and whole after cancelling."""

import asyncio
import threading
import time

import pytest
from django.db import connection

from faceitbot.core import transactions
from faceitbot.core.errors import Unavailable
from faceitbot.core.transactions import atomically, query
from faceitbot.core.workers import workers
from tests.eventually import eventually_async
from users.repositories import UserRepository

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]
repository = UserRepository()


@pytest.fixture
def one_thread(settings):
    """One thread and one place in the queue, held until the test sets the event."""
    transactions.shutdown()
    settings.TRANSACTION_THREADS = 1
    settings.TRANSACTION_QUEUE_SIZE = 1
    release = threading.Event()
    yield release
    release.set()
    transactions.shutdown()


async def hold(release, started):
    def body():
        started.set()
        release.wait(10)

    await atomically(body)


@pytest.fixture
async def held(one_thread):
    started = threading.Event()
    task = asyncio.create_task(hold(one_thread, started))
    await eventually_async(started.is_set)
    yield one_thread
    one_thread.set()
    await task


async def test_a_caller_beyond_the_queue_is_refused_at_once(held):
    waiting = asyncio.create_task(repository.create_user(7))
    await eventually_async(lambda: workers().in_flight == 2)

    with pytest.raises(Unavailable) as caught:
        await repository.create_user(8)

    assert caught.value.context == {"reason": "queue_full"}
    held.set()
    await waiting
    assert [user.telegram_id for user in await repository.get_all()] == [7]


async def test_a_caller_that_finds_no_thread_before_its_deadline_is_refused_and_never_runs(held, settings):
    settings.TRANSACTION_DEADLINE_SECONDS = 0.2

    with pytest.raises(Unavailable) as caught:
        await repository.create_user(7)

    assert caught.value.context == {"reason": "deadline"}
    assert caught.value.retryable
    held.set()
    settings.TRANSACTION_DEADLINE_SECONDS = 10
    assert await repository.get_by_telegram_id(7) is None


async def test_a_call_that_is_cancelled_in_the_queue_never_runs(held):
    task = asyncio.create_task(repository.create_user(7))
    await eventually_async(lambda: workers().in_flight == 2)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    held.set()
    assert await repository.get_by_telegram_id(7) is None


async def test_a_call_that_is_cancelled_while_it_runs_is_done_whole_or_not_at_all():
    begun, release = threading.Event(), threading.Event()

    def body():
        repository.create_user.blocking(7)
        begun.set()
        release.wait(10)
        repository.create_user.blocking(8)

    task = asyncio.create_task(atomically(body))
    await eventually_async(begun.is_set)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await repository.count() == 0
    release.set()
    await eventually_async(lambda: workers().in_flight == 0)
    assert await repository.count() == 2


class Sleeper(UserRepository):
    """Counts how many of its queries run at the same time."""

    def __init__(self):
        self.running = self.most = 0
        self.lock = threading.Lock()

    @query
    def wait(self, seconds):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [seconds])
        with self.lock:
            self.running -= 1


async def test_concurrent_queries_run_side_by_side(settings):
    sleeper, started = Sleeper(), time.monotonic()

    await asyncio.gather(*(sleeper.wait(0.1) for _ in range(50)))

    assert sleeper.most == settings.TRANSACTION_THREADS
    assert time.monotonic() - started < 50 * 0.1 / 2


@pytest.mark.proof("calls_in_flight")
async def test_ten_thousand_calls_in_flight_are_all_answered(full_size, settings, report):
    number = 10_000 if full_size else 1_000
    await repository.create_user(7)
    waits = []

    async def call():
        started = time.monotonic()
        try:
            return (await repository.get_by_telegram_id(7)).telegram_id
        except Unavailable as error:
            return error.context["reason"]
        finally:
            waits.append(time.monotonic() - started)

    answers = await asyncio.gather(*(call() for _ in range(number)))

    refused = answers.count("deadline")
    if not full_size:
        assert refused == 0
    report(f"{number} calls: {number - refused} answered, {refused} refused, the longest {max(waits):.1f} s")
    assert answers.count(7) + refused == number
    longest = settings.TRANSACTION_DEADLINE_SECONDS + settings.TRANSACTION_BODY_SECONDS
    assert max(waits) < longest


async def test_bodies_whose_callers_have_gone_fill_the_queue_until_a_thread_comes_to_them(held):
    for _caller in range(2):
        gone = asyncio.create_task(repository.create_user(7))
        await eventually_async(lambda: workers().in_flight == 2)
        gone.cancel()
        await eventually_async(lambda: workers().in_flight == 1)

    with pytest.raises(Unavailable) as caught:
        await repository.create_user(8)

    assert caught.value.context == {"reason": "queue_full"}
