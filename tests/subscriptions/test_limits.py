"""Nobody is admitted more often than his tier allows, however many ask at once, whatever a clock says."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from faceitbot.core import atomically, clock
from faceitbot.core.models import AuditEntry
from subscriptions.models import TierLimits, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.factories import StaffFactory, UserFactory
from users.errors import UserNotFound
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = SubscriptionRepository()
users = UserRepository()
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 12:00 in Moscow


def written_by(staff):
    return list(AuditEntry.objects.filter(actor=staff).values_list("before", "after"))


async def limit_free_to(number):
    await atomically(TierLimits.objects.filter(pk="free").update, daily_requests=number)


@pytest.mark.proof("limits")
@pytest.mark.parametrize("limit", [1, 10, 100])
async def test_two_hundred_calls_of_each_user_admit_exactly_the_limit(limit, full_size, report):
    await limit_free_to(limit)
    people = await users.create_batch({"telegram_id": number} for number in range(1, 51 if full_size else 6))

    found = await asyncio.gather(
        *(repository.consume_request(user.pk) for _call in range(200) for user in people)
    )

    admitted = sum(allowance.allowed for allowance in found)
    report(f"limit {limit}: {len(people)} users, 200 calls each, {admitted} admitted")
    assert admitted == limit * len(people)
    counts = await atomically(lambda: set(UserSubscription.objects.values_list("daily_requests", flat=True)))
    assert counts == {limit}


async def test_control_to_look_first_and_count_then_admits_too_many():
    await limit_free_to(10)
    user = await users.create_user(7)

    async def naive():
        allowed, _limits = await repository.can_make_request(user.pk)
        if allowed:
            await repository.increment_request_count(user.pk)
        return allowed

    assert sum(await asyncio.gather(*(naive() for _call in range(200)))) > 10


async def test_a_day_of_a_free_user():
    user = await users.create_user(7)
    for number in range(1, 11):
        allowed, limits = await repository.consume_request(user.pk, now=NOON)
        assert (allowed, limits["daily_requests"], limits["remaining"]) == (True, number, 10 - number)

    refused = await repository.consume_request(user.pk, now=NOON)

    assert refused == (
        False,
        {
            "tier": "free",
            "daily_requests": 10,
            "daily_limit": 10,
            "remaining": 0,
            "expires_at": None,
            "resets_at": datetime(2026, 11, 23, 21, 0, tzinfo=UTC),
            "resets_in_seconds": 12 * 60 * 60,
            "reason": "limit",
        },
    )
    assert await repository.can_make_request(user.pk, now=NOON) == refused
    midnight = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
    assert not (await repository.consume_request(user.pk, now=midnight - timedelta(seconds=1))).allowed
    assert (await repository.consume_request(user.pk, now=midnight)).limits["daily_requests"] == 1


async def test_the_clock_of_the_application_decides_nothing(monkeypatch):
    """The database's clock does; this process believes that tomorrow has come."""
    user = await users.create_user(7)
    for _call in range(10):
        await repository.consume_request(user.pk)
    wrong = datetime.now(UTC) + timedelta(hours=26)
    monkeypatch.setattr("faceitbot.core.clock.now", lambda: wrong)

    assert not (await repository.consume_request(user.pk)).allowed


async def test_a_midnight_that_another_transaction_has_passed_is_not_undone():
    user = await users.create_user(7)
    tomorrow = NOON + timedelta(days=1)
    await repository.consume_request(user.pk, now=tomorrow)

    late = await repository.consume_request(user.pk, now=NOON)

    assert late.limits["daily_requests"] == 2
    row = await repository.get_by_user_id(user.pk)
    assert (row.daily_requests, row.last_reset_date) == (2, tomorrow.date())


async def test_tiers_are_read_with_the_clock_and_need_no_job():
    user = await users.create_user(7)
    await repository.upgrade_subscription(user.pk, "premium", 30, now=NOON)
    await repository.upgrade_subscription(user.pk, "pro", 10, now=NOON)

    async def at(days):
        limits = (await repository.can_make_request(user.pk, now=NOON + timedelta(days=days))).limits
        return limits["tier"], limits["daily_limit"], limits["remaining"], limits["expires_at"]

    assert await at(0) == ("pro", -1, -1, NOON + timedelta(days=10))
    assert await at(10) == ("premium", 100, 100, NOON + timedelta(days=40))
    assert await at(40) == ("free", 10, 10, None)


async def test_a_pro_user_is_counted_and_never_refused():
    user = await users.create_user(7)
    await repository.upgrade_subscription(user.pk, "pro")

    found = await asyncio.gather(*(repository.consume_request(user.pk) for _call in range(150)))

    assert all(allowance.allowed for allowance in found)
    assert max(allowance.limits["daily_requests"] for allowance in found) == 150


async def test_a_blocked_user_is_refused_and_not_counted():
    user = await users.create_user(7)
    staff = await atomically(StaffFactory.create)
    await users.block_users([7], actor=staff, reason="test")

    allowed, limits = await repository.consume_request(user.pk)

    assert (allowed, limits["reason"], limits["daily_requests"]) == (False, "blocked", 0)


async def test_a_request_is_given_back_on_the_same_day_and_never_below_nought():
    user = await users.create_user(7)
    await repository.consume_request(user.pk, now=NOON)

    assert await repository.give_back_request(user.pk, now=NOON) == 0
    assert await repository.give_back_request(user.pk, now=NOON) == 0
    await repository.consume_request(user.pk, now=NOON)
    assert await repository.give_back_request(user.pk, now=NOON + timedelta(days=1)) == 0
    assert (await repository.can_make_request(user.pk, now=NOON)).limits["daily_requests"] == 1


async def test_staff_set_the_number_of_today_back():
    user = await users.create_user(7)
    staff = await atomically(StaffFactory.create)
    for _call in range(10):
        await repository.consume_request(user.pk)

    await repository.reset_request_count(user.pk, actor=staff, reason="a bug of ours")

    assert (await repository.consume_request(user.pk)).allowed
    assert await atomically(written_by, staff) == [({"daily_requests": 10}, {"daily_requests": 0})]


async def test_a_number_of_yesterday_is_not_written_down_as_that_of_today():
    user = await users.create_user(7)
    staff = await atomically(StaffFactory.create)
    await repository.consume_request(user.pk, now=clock.now() - timedelta(days=1))

    await repository.reset_request_count(user.pk, actor=staff, reason="a bug of ours")

    assert await atomically(written_by, staff) == [({"daily_requests": 0}, {"daily_requests": 0})]


async def test_a_missing_row_is_made_by_the_statement_once():
    user = await users.create_user(7)
    await atomically(UserSubscription.objects.all().delete)

    found = await asyncio.gather(*(repository.consume_request(user.pk) for _call in range(30)))

    assert sum(allowance.allowed for allowance in found) == 10
    assert await repository.count() == 1


async def test_an_unknown_user_is_named():
    unknown = (await atomically(UserFactory.build)).pk

    for call in (repository.consume_request, repository.can_make_request):
        with pytest.raises(UserNotFound):
            await call(unknown)
    assert await repository.increment_request_count(unknown) is None
    assert await repository.give_back_request(unknown) is None


def test_one_request_is_one_statement():

    user = users.create_user.blocking(7)
    with CaptureQueriesContext(connection) as queries:
        repository.consume_request.blocking(user.pk)

    assert len([query for query in queries if "user_subscriptions" in query["sql"]]) == 1
    assert UserSubscription.objects.filter(user=user).values_list(F("daily_requests"), flat=True)[0] == 1
