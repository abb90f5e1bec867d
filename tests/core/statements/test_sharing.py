"""Callers that share a statement: each has his own answer and his own fate."""

import asyncio
import random
import threading
from contextlib import suppress

import pytest
from django.db import OperationalError, connection, transaction
from prometheus_client import REGISTRY

from faceitbot.core import atomically
from faceitbot.core.attempts import Plan
from faceitbot.core.cache.link import close_links
from faceitbot.core.errors import DatabaseUnavailable, InvalidInput, OutcomeUnknown, Unavailable
from faceitbot.core.statements import close_line, tallies, ways
from faceitbot.core.statements.line import line_of_loop
from faceitbot.core.statements.look_ups import LookUp
from faceitbot.core.statements.tallies import Tally
from subscriptions.models import TierLimits
from subscriptions.repositories import SubscriptionRepository
from tests.core.statements.gated import Gated
from tests.eventually import eventually_async
from tests.threads import in_a_thread
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

users = UserRepository()


def look_up(name="Test.by_telegram_id"):
    return LookUp(name, User.objects.all(), "telegram_id", Plan(name, atomic=False))


def pool_is_whole():
    stats = line_of_loop()._pool.get_stats()
    return stats["pool_available"] == stats["pool_size"] and not stats["requests_waiting"]


@pytest.mark.proof("cancelling")
async def test_cancelled_calls_take_nobody_along(full_size, report):
    """Two thousand look-ups of which six hundred are cancelled, some while their statement runs."""
    seed, rounds = random.randrange(10**6), 20 if full_size else 1
    draw = random.Random(seed)
    await users.create_batch({"telegram_id": number} for number in range(1, 201))
    answered = 0
    for _round in range(rounds):
        asked = [draw.randint(1, 210) for _call in range(2_000)]
        calls = [asyncio.ensure_future(users.get_user_with_subscription(number)) for number in asked]
        cancelled = set(draw.sample(range(2_000), 600))
        for call in sorted(cancelled, key=lambda _call: draw.random()):
            calls[call].cancel()
            if draw.random() < 0.05:
                await asyncio.sleep(0)

        found = await asyncio.gather(*calls, return_exceptions=True)

        for place, (number, answer) in enumerate(zip(asked, found, strict=True)):
            if isinstance(answer, asyncio.CancelledError) and place in cancelled:
                continue
            assert (answer.telegram_id if answer else None) == (number if number <= 200 else None)
            answered += 1
    report(f"seed {seed}: {rounds} times 2 000 calls, 600 cancelled: {answered} right answers")
    assert answered >= rounds * 1_400
    await eventually_async(pool_is_whole)
    assert (await users.get_user_with_subscription(1)).telegram_id == 1


async def test_a_bad_key_fails_alone():
    await users.create_batch({"telegram_id": number} for number in range(1, 21))
    by_telegram_id = look_up()
    asked = [*range(1, 21), 2**70]

    found = await asyncio.gather(
        *(by_telegram_id.find([number], ()) for number in asked), return_exceptions=True
    )

    assert [answer[0].telegram_id for answer in found[:20]] == list(range(1, 21))
    assert isinstance(found[20], InvalidInput)
    assert any(size > 1 for size in ways.batch_sizes(by_telegram_id.name))


async def test_each_caller_gets_an_error_of_his_own():
    by_telegram_id = look_up()

    found = await asyncio.gather(
        *(by_telegram_id.find([2**70], ()) for _call in range(9)), return_exceptions=True
    )

    assert all(isinstance(error, InvalidInput) for error in found)
    assert len({id(error) for error in found}) == 9


def refusals(reason):
    return REGISTRY.get_sample_value("faceitbot_queue_refused_total", {"reason": reason})


# The first look-up runs at once; counting begins when all have come.
@pytest.mark.parametrize(
    ("call", "taken", "counted"), [(users.touch, 10, 10), (users.get_user_with_subscription, 11, 0)]
)
async def test_a_call_beyond_those_that_may_wait_is_refused_at_once(settings, call, taken, counted):
    settings.TRANSACTION_QUEUE_SIZE = 10
    await users.create_user(7)
    before = refusals("queue_full")

    calls = [asyncio.ensure_future(call(7)) for _call in range(30)]
    await asyncio.sleep(0)

    refused = [each.exception() for each in calls if each.done()]
    assert [type(error) for error in refused] == [Unavailable] * (30 - taken)
    assert refused[0].context == {"reason": "queue_full"}
    assert str(refused[0]).startswith("10 calls are waiting already (TRANSACTION_QUEUE_SIZE)")
    assert refusals("queue_full") == before + 30 - taken
    answered = [each for each in await asyncio.gather(*calls, return_exceptions=True) if each not in refused]
    assert [user.telegram_id for user in answered] == [7] * taken
    assert (await users.get_by_telegram_id(7)).total_requests == counted


async def test_who_has_waited_too_long_is_refused_and_not_counted(monkeypatch, settings):
    settings.TRANSACTION_DEADLINE_SECONDS = 0.05
    monkeypatch.setattr(tallies, "_LARGEST", 1)
    gated = Gated()

    calls = await gated.ask([0, 1, 2, 0, 3])
    found = await asyncio.gather(*calls[2:], return_exceptions=True)

    assert [error.context for error in found] == [{"reason": "deadline"}] * 3
    gated.gate.set()
    assert await asyncio.gather(*calls[:2]) == [0, 1]
    assert gated.counted == [{0: 1}, {1: 1}]


@pytest.mark.parametrize("in_own_task", [False, True])
async def test_who_waits_for_a_turn_to_write_is_refused_in_time_or_may_go_and_is_not_counted(
    in_own_task, settings
):
    settings.TRANSACTION_DEADLINE_SECONDS = 0.05
    gated, line = Gated(), line_of_loop()
    gated.gate.set()
    tally = Tally("Test.count", None, gated.count, gated.answer, line, in_own_task=in_own_task)
    for _writer in range(settings.STATEMENT_CONNECTIONS - 1):
        await line.writers.acquire()

    with pytest.raises(Unavailable) as late:
        await tally.ask(1)
    gone = asyncio.ensure_future(tally.ask(2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait([gone])

    assert late.value.context["reason"] == "deadline"
    for _writer in range(settings.STATEMENT_CONNECTIONS - 1):
        line.writers.release()
    assert await tally.ask(3) == 3
    assert gated.counted == [{3: 1}]
    assert not line.writers.locked()


class Told(UserRepository):
    """Remembers whose cache entries it has been told to drop."""

    def __init__(self):
        super().__init__()
        self.told = []

    async def _written_here(self, rows, *more):
        self.told += [row.telegram_id for row in rows]
        await super()._written_here(rows, *more)


async def test_each_class_of_repositories_tells_its_own_cache():
    await users.create_batch({"telegram_id": number} for number in (1, 2))
    others = Told()

    await asyncio.gather(users.touch(1), others.touch(2), users.touch(1), others.touch(2))

    assert set(others.told) == {2}


async def test_who_has_gone_leaves_his_place_to_others(monkeypatch, settings):
    settings.TRANSACTION_QUEUE_SIZE = 3
    monkeypatch.setattr(tallies, "_LARGEST", 1)
    gated = Gated()
    tally = Tally("Test.count", None, gated.count, gated.answer, line_of_loop())
    under_way = [asyncio.ensure_future(tally.ask(key)) for key in (0, 1)]
    await eventually_async(lambda: len(gated.counted) == 2)
    gone = [asyncio.ensure_future(tally.ask(key)) for key in (2, 0, 0)]
    await asyncio.sleep(0)
    for call in gone:
        call.cancel()
    await asyncio.wait(gone)

    others = [asyncio.ensure_future(tally.ask(key)) for key in (0, 3, 3, 4)]
    await asyncio.sleep(0)
    gated.gate.set()

    found = await asyncio.gather(*under_way, *others, return_exceptions=True)
    assert found[:5] == [0, 1, 0, 3, 3]
    assert found[5].context == {"reason": "queue_full"}
    assert sum(sum(each.values()) for each in gated.counted) == 5


async def test_who_waits_behind_a_body_is_refused_in_time(settings):
    """Also when nobody was waiting when the timer came, for all were under way."""
    settings.TRANSACTION_DEADLINE_SECONDS = 0.1
    gated = Gated()

    async def leave_out(*_: object) -> dict[int, list[int]]:
        return {}

    tally = Tally("Test.count", None, gated.count, leave_out, line_of_loop())
    first, *others = [asyncio.ensure_future(tally.ask(7)) for _call in range(3)]
    await eventually_async(lambda: tally._places._timer is None)
    gated.gate.set()

    assert await first is tallies.LEFT_OUT
    found = await asyncio.gather(*others, return_exceptions=True)

    assert [error.context for error in found] == [{"reason": "deadline"}] * 2
    tally.has_ended(7)
    assert not tally._under_way


async def test_who_is_refused_or_goes_leaves_no_key_behind(settings):
    settings.TRANSACTION_QUEUE_SIZE = 2
    gated = Gated()
    tally = Tally("Test.count", None, gated.count, gated.answer, line_of_loop())
    under_way = [asyncio.ensure_future(tally.ask(key)) for key in (0, 1)]
    await eventually_async(lambda: len(gated.counted) == 1)
    calls = [asyncio.ensure_future(tally.ask(key)) for key in range(2, 9)]
    await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)

    assert not tally._ready
    gated.gate.set()
    assert await asyncio.gather(*under_way) == [0, 1]


async def test_who_waits_for_company_does_not_wait_for_longer_than_it_lasts(monkeypatch):
    monkeypatch.setattr(tallies, "_COMPANY_SECONDS", 0.05)
    gated = Gated()
    tally = Tally("Test.count", None, gated.count, gated.answer, line_of_loop())
    company = [asyncio.ensure_future(tally.ask(key)) for key in (1, 2, 3)]
    await eventually_async(lambda: len(gated.counted) == 1)
    late = asyncio.ensure_future(tally.ask(9))

    await eventually_async(lambda: len(gated.counted) == 2)  # with those before him still under way

    gated.gate.set()
    assert await asyncio.gather(*company, late) == [1, 2, 3, 9]


async def test_answers_that_are_too_few_are_an_error_of_everybody(monkeypatch):
    gated = Gated()

    async def one(_repository: object, _rows: object, numbers: dict[int, int]) -> dict[int, list[int]]:
        return {key: [key] for key in numbers}

    gated.gate.set()
    tally = Tally("Test.count", None, gated.count, one, line_of_loop())

    found = await asyncio.gather(*(tally.ask(key) for key in (7, 7, 8)), return_exceptions=True)

    assert [type(each) for each in found] == [ValueError] * 3


@pytest.mark.parametrize("company_lasts", [10, 0])
async def test_who_goes_by_himself_waits_for_the_company_that_is_under_way(monkeypatch, company_lasts):
    """The control does not, and would go by himself ever after."""
    monkeypatch.setattr(tallies, "_COMPANY_SECONDS", company_lasts)
    gated = Gated()
    tally = Tally("Test.count", None, gated.count, gated.answer, line_of_loop(), in_own_task=True)
    first = asyncio.ensure_future(tally.ask(0))
    await eventually_async(lambda: gated.counted == [{0: 1}])
    company = [asyncio.ensure_future(tally.ask(key)) for key in (1, 2, 3)]
    await eventually_async(lambda: len(gated.counted) == 2)
    gated.gate.set()
    await first
    gated.gate.clear()
    await asyncio.gather(*company)

    later = [asyncio.ensure_future(tally.ask(key)) for key in (1, 2)]
    await eventually_async(lambda: len(gated.counted) > 2)
    latest = asyncio.ensure_future(tally.ask(9))
    for _turn in range(5):
        await asyncio.sleep(0)
    gated.gate.set()

    assert await asyncio.gather(*later, latest) == [1, 2, 9]
    together = [{1: 1, 2: 1}, {9: 1}]
    alone = [{1: 1}, {2: 1}, {9: 1}]
    assert gated.counted[2:] == (together if company_lasts else alone)


@pytest.mark.parametrize(
    ("error", "tried"),
    [
        (DatabaseUnavailable("frozen"), [0, 1]),
        (OutcomeUnknown("lost"), [0, 1, 2, 3, 4]),
        (DatabaseUnavailable("cancelled", sqlstate="57014"), [0, 1, 2, 3, 4]),
        (DatabaseUnavailable("locked", sqlstate="55P03"), [0, 1, 2, 3, 4]),
    ],
)
async def test_when_the_database_is_away_who_waits_is_told_at_once(monkeypatch, error, tried):
    """But an unknown outcome, or a statement that took too long, is that of who was being counted alone."""
    monkeypatch.setattr(tallies, "_LARGEST", 1)
    gated = Gated(error)

    found = await gated.asked(range(5))

    assert [type(each) for each in found] == [type(error)] * 5
    assert gated.counted == [{key: 1} for key in tried]


async def test_the_calls_of_one_transaction_are_bounded_whomever_they_are_about(monkeypatch):
    monkeypatch.setattr(tallies, "_LARGEST", 3)
    gated = Gated()

    found = await gated.asked([7] * 5 + [8])

    assert found == [7] * 5 + [8]
    assert [sum(each.values()) for each in gated.counted] == [3, 1, 2]


@pytest.mark.parametrize("counts_again", [False, True])
async def test_what_fails_after_the_commit_is_not_counted_again(monkeypatch, counts_again):
    """The control takes it for a failed transaction, and runs the ordinary bodies."""
    await users.create_batch({"telegram_id": number} for number in (1, 2))

    async def fail(*_: object) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr(UserRepository, "_written_here", fail)
    if counts_again:
        monkeypatch.setattr(tallies.Tally, "_run", run_as_one)

    found = await asyncio.gather(users.touch(1), users.touch(2), return_exceptions=True)

    assert [type(each) for each in found] == [User if counts_again else TypeError] * 2
    requests = await atomically(lambda: [*User.objects.values_list("total_requests", flat=True)])
    assert requests == [2 if counts_again else 1] * 2


async def run_as_one(self, batch, _turn):
    counts = {key: len(futures) for key, futures in batch.items()}
    with suppress(TypeError):
        await self._answer(self._repository, await self._write(self._repository, self._line, counts), counts)
    for futures in batch.values():
        for future in futures:
            future.answer.set_result(tallies.LEFT_OUT)


async def test_a_failed_transaction_is_repeated_by_each_caller_alone(monkeypatch):
    """A row that breaks a constraint fails the transaction of all; the others are counted all the same."""
    await users.create_batch({"telegram_id": number} for number in range(1, 6))
    await atomically(lambda: User.objects.filter(telegram_id=3).update(total_requests=2**63 - 1))

    found = await asyncio.gather(*(users.touch(number) for number in range(1, 6)), return_exceptions=True)

    assert [getattr(each, "total_requests", type(each)) for each in found] == [1, 1, InvalidInput, 1, 1]


def counting_everybody(call, order, rounds):
    """Count requests of users in a loop of its own, all of them at once, in this order."""

    async def count():
        for _round in range(rounds):
            await asyncio.gather(*map(call, order))
        await close_line()
        await close_links()

    asyncio.run(count())


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("call", "key", "counter"),
    [
        (users.touch, "telegram_id", "total_requests"),
        (SubscriptionRepository().consume_request, "pk", "subscription__daily_requests"),
    ],
)
async def test_loops_that_count_the_same_users_in_opposite_order_do_not_deadlock(call, key, counter):
    await atomically(TierLimits.objects.filter(pk="free").update, daily_requests=100)
    people = await users.create_batch({"telegram_id": number} for number in range(1, 31))
    keys = [getattr(user, key) for user in people]
    before = await atomically(deadlocks)

    await asyncio.gather(
        *(asyncio.to_thread(counting_everybody, call, order, 10) for order in (keys, keys[::-1], keys))
    )

    assert await atomically(lambda: set(User.objects.values_list(counter, flat=True))) == {30}
    assert await atomically(deadlocks) == before


async def test_control_to_lock_in_the_order_of_the_calls_deadlocks():
    await users.create_batch({"telegram_id": number} for number in (1, 2))
    both = threading.Barrier(2, timeout=10)

    def count(order):
        with transaction.atomic():
            for number in order:
                User.objects.filter(telegram_id=number).update(total_requests=1)
                if number == order[0]:
                    both.wait()

    found = await asyncio.gather(
        *(in_a_thread(count, order) for order in ((1, 2), (2, 1))), return_exceptions=True
    )

    assert [type(error) for error in found if error] == [OperationalError]
