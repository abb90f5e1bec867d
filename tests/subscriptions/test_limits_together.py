"""Requests that are counted together: what each caller is told is what he would be told alone."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models.expressions import RawSQL
from prometheus_client import REGISTRY

from faceitbot.core import atomically, clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.statements import ways
from faceitbot.core.statements.line import line_of_loop
from faceitbot.core.workers import workers
from subscriptions.models import TierLimits, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.eventually import eventually_async
from tests.factories import UserFactory
from tests.threads import in_a_thread
from users.errors import UserNotFound
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = SubscriptionRepository()
users = UserRepository()
CONSUME = "RequestMethods.consume_request"


async def limit_free_to(number):
    await atomically(TierLimits.objects.filter(pk="free").update, daily_requests=number)


def without_seconds(allowance):
    allowed, limits = allowance
    return allowed, {name: value for name, value in limits.items() if name != "resets_in_seconds"}


def counts():
    return dict(UserSubscription.objects.values_list("user__telegram_id", "daily_requests"))


def decisions(decision):
    return REGISTRY.get_sample_value("faceitbot_limit_decisions_total", {"decision": decision})


async def different_users():
    """Give users whose next request means different things."""
    people = await users.create_batch({"telegram_id": number} for number in range(1, 8))

    def make_different():
        later, past = datetime(2100, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
        rows = [UserSubscription.objects.filter(user=user) for user in people]
        rows[0].update(daily_requests=2, last_reset_date=clock.today())
        rows[1].update(daily_requests=9, last_reset_date=clock.today() - timedelta(days=1))
        rows[2].update(tier="pro", expires_at=later)
        rows[3].update(tier="premium", expires_at=past, next_tier="pro", next_expires_at=later)
        rows[4].update(tier="premium", expires_at=past)
        User.objects.filter(pk=people[5].pk).update(blocked_at=past)
        rows[6].delete()

    await atomically(make_different)
    return people


async def test_callers_together_are_told_what_callers_alone_are_told():
    await limit_free_to(3)
    together = await different_users()
    before = ways.calls(CONSUME)

    may = await asyncio.gather(*(repository.can_make_request(user.pk) for user in together))
    entitled = await asyncio.gather(*(repository.get_entitlements(user.pk) for user in together))
    decided = {decision: decisions(decision) for decision in ("admitted", "limit", "blocked")}
    found = await asyncio.gather(
        *(repository.consume_request(user.pk) for _call in range(4) for user in together)
    )

    assert Counter(ways.calls(CONSUME)) - Counter(before) >= Counter({ways.POOL: 24})
    told_of = Counter("admitted" if each.allowed else each.limits["reason"] for each in found)
    assert told_of == {name: decisions(name) - number for name, number in decided.items()}
    stored = await atomically(
        lambda: dict(UserSubscription.objects.values_list("user__telegram_id", "daily_requests"))
    )

    await atomically(lambda: User.objects.all().delete())
    alone = await different_users()
    may_alone = await atomically(lambda: [repository.can_make_request.blocking(user.pk) for user in alone])
    assert entitled == await atomically(lambda: [repository.get_entitlements.blocking(u.pk) for u in alone])
    assert {features["api_access"]["tier"] for features in entitled} == {"free", "pro"}
    found_alone = [await atomically(repository.consume_request.blocking, user.pk) for user in alone * 4]
    assert [without_seconds(each) for each in may] == [without_seconds(each) for each in may_alone]
    told, told_alone = ([without_seconds(each) for each in answers] for answers in (found, found_alone))
    assert told == told_alone
    assert stored == await atomically(counts)


@asynccontextmanager
async def held(user):
    """Hold the row of a user's access, as another process does, to the end of the block."""
    locked, release = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold():
        with transaction.atomic():
            UserSubscription.objects.select_for_update().get(user=user)
            loop.call_soon_threadsafe(locked.set)
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(10)

    holding = asyncio.ensure_future(in_a_thread(hold))
    await locked.wait()
    try:
        yield
    finally:
        release.set()
        await holding


async def test_a_row_that_is_held_keeps_only_its_own_callers_waiting(settings):
    """However many they are: one thread waits for the row, the others are there for everybody else."""
    calls = 5 * settings.TRANSACTION_THREADS
    await limit_free_to(calls)
    stuck, free = [await users.create_user(number) for number in (7, 8)]
    async with held(stuck):
        waiting = [asyncio.ensure_future(repository.consume_request(stuck.pk)) for _call in range(calls)]

        others = await asyncio.gather(*(repository.consume_request(free.pk) for _call in range(3)))
        await users.set_waiting_for_nickname(free.telegram_id)

        assert [allowance.limits["daily_requests"] for allowance in others] == [1, 2, 3]
        await eventually_async(lambda: workers().in_flight)  # the others' batch may have come back first
        assert workers().in_flight == 1
        assert not any(call.done() for call in waiting)

    told = [allowance.limits["daily_requests"] for allowance in await asyncio.gather(*waiting)]
    assert told == [*range(1, calls + 1)]


async def test_when_he_who_waits_for_a_row_is_cancelled_the_others_wait_behind_his_thread():
    user = await users.create_user(7)
    async with held(user):
        calls = [asyncio.ensure_future(repository.consume_request(user.pk)) for _call in range(6)]
        await eventually_async(lambda: workers().in_flight == 1)
        for call in calls[:3]:
            call.cancel()
            await asyncio.wait([call])
            for _turn in range(20):
                await asyncio.sleep(0)
            assert workers().in_flight == 1

    told = [allowance.limits["daily_requests"] for allowance in await asyncio.gather(*calls[3:])]
    assert told == [2, 3, 4]  # what had begun for the first has counted, the other two have left


async def test_a_lone_call_that_is_cancelled_while_it_runs_leaves_nothing_behind():
    await limit_free_to(100)
    user = await users.create_user(7)
    for turns in range(20):
        call = asyncio.ensure_future(repository.consume_request(user.pk))
        for _turn in range(turns):
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait([call])

    allowance = await repository.consume_request(user.pk)

    assert {7: allowance.limits["daily_requests"]} == await atomically(counts)
    assert 1 <= allowance.limits["daily_requests"] <= 21  # each once at most
    stats = line_of_loop()._pool.get_stats()
    assert (stats["pool_available"], stats["requests_waiting"]) == (stats["pool_size"], 0)


async def test_a_lone_call_costs_no_task():
    user = await users.create_user(7)
    await repository.consume_request(user.pk)
    made = []
    loop = asyncio.get_running_loop()

    def make(loop, work, **more):
        made.append(work)
        return asyncio.Task(work, loop=loop, **more)

    loop.set_task_factory(make)
    try:
        assert (await repository.consume_request(user.pk)).allowed
    finally:
        loop.set_task_factory(None)

    assert made == []


async def test_a_row_that_cannot_be_read_is_that_of_its_own_caller_alone():
    people = await users.create_batch({"telegram_id": number} for number in range(1, 6))
    unreadable = UserSubscription.objects.filter(user=people[2])  # the first call goes alone
    await atomically(
        lambda: unreadable.update(tier="premium", expires_at=RawSQL("'infinity'::timestamptz", ()))
    )

    found = await asyncio.gather(
        *(repository.consume_request(user.pk) for user in people), return_exceptions=True
    )

    assert [getattr(each, "allowed", type(each)) for each in found] == [True, True, InvalidInput, True, True]
    assert await atomically(counts) == dict.fromkeys(range(1, 6), 1)


async def test_an_unknown_user_among_others_is_told_alone():
    user = await users.create_user(7)
    unknown = (await atomically(UserFactory.build)).pk

    found = await asyncio.gather(
        *(repository.consume_request(key) for key in (user.pk, unknown, user.pk, unknown)),
        return_exceptions=True,
    )

    assert [getattr(each, "allowed", type(each)) for each in found] == [
        True,
        UserNotFound,
        True,
        UserNotFound,
    ]


async def test_a_call_that_is_cancelled_before_it_is_sent_is_not_counted():
    user = await users.create_user(7)
    calls = [asyncio.ensure_future(repository.consume_request(user.pk)) for _call in range(5)]
    await asyncio.sleep(0)
    calls[1].cancel()

    found = await asyncio.gather(*calls, return_exceptions=True)

    told = [each.limits["daily_requests"] for each in found if not isinstance(each, BaseException)]
    assert len(told) == 4
    stored = await atomically(lambda: UserSubscription.objects.get(user=user).daily_requests)
    assert stored == 4


async def test_a_touch_that_is_counted_together_is_seen_by_cached_look_ups():
    await users.create_user(7, "player", "Nick")
    await users.get_by_telegram_id(7)
    await users.get_by_faceit_id("player")

    touched = await asyncio.gather(*(users.touch(7) for _call in range(20)), users.update_last_activity(7))

    seen = await users.get_by_telegram_id(7), await users.get_by_faceit_id("player")
    assert [user.total_requests for user in seen] == [21, 21]
    assert len({id(user) for user in touched}) == 21
    assert all(user.telegram_id == 7 for user in touched[:20])
