"""Grants come to access as the rule says, survive each other, and are never made twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from faceitbot.core import atomically
from faceitbot.core.errors import InvalidInput, NotFound
from faceitbot.core.models import AuditEntry
from subscriptions.errors import AlreadyRevoked
from subscriptions.models import Grant, Notice, SubscriptionTier, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from subscriptions.rules import GrantState
from tests.factories import GrantFactory, ReferralFactory, StaffFactory, UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = SubscriptionRepository()
users = UserRepository()
START = datetime(2026, 11, 1, tzinfo=UTC)


SECOND_GRANT = """
INSERT INTO grants (id, user_id, tier, starts_at, source, referral_id, reason, created_at, revoke_reason)
SELECT gen_random_uuid(), user_id, tier, starts_at, source, referral_id, '', created_at, '' FROM grants
WHERE referral_id IS NOT NULL
"""


def day(number):
    return START + timedelta(days=number)


async def test_the_example_of_a_bot_runs():
    user = await users.create_user(user_id=123456789)
    referrer = await users.create_user(user_id=5)
    code = await repository.generate_referral_code(referrer.pk)

    can_request, limits = await repository.can_make_request(user.id)
    subscription = await repository.upgrade_subscription(user.id, SubscriptionTier.PREMIUM, duration_days=30)
    success, error = await repository.apply_referral(user.id, code)

    assert (can_request, limits["tier"], subscription.tier) == (True, "free", "premium")
    assert (success, error) == (True, None)
    found = await users.get_user_with_subscription(123456789)
    assert found.subscription.tier == "premium"


async def test_time_that_one_has_is_kept():
    user = await users.create_user(7)
    await repository.upgrade_subscription(user.pk, "premium", 30, now=day(0))

    row = await repository.upgrade_subscription(user.pk, "pro", 30, now=day(10))

    assert (row.tier, row.expires_at, row.next_tier, row.next_expires_at) == (
        "pro",
        day(40),
        "premium",
        day(60),
    )
    assert await repository.get_by_id(row.pk) == row
    stored = await repository.get_by_telegram_user_id(7)
    assert (stored.tier, stored.expires_at, stored.payment_method) == ("pro", day(40), "telegram_stars")


async def test_fifty_grants_at_once_sum_up():
    user = await users.create_user(7)

    await asyncio.gather(
        *(repository.upgrade_subscription(user.pk, "premium", 1, now=day(0)) for _grant in range(50))
    )

    row = await repository.get_by_user_id(user.pk)
    assert (row.tier, row.expires_at) == ("premium", day(50))


async def test_the_same_request_is_one_grant():
    user, staff = await users.create_user(7), await atomically(StaffFactory.create)

    async def give():
        return await repository.grant_access(
            user.pk, "pro", None, actor=staff, reason="a prize", request_id="click-1"
        )

    grants = await asyncio.gather(*(give() for _click in range(10)))

    assert len({grant.pk for grant in grants}) == 1
    row = await repository.get_by_user_id(user.pk)
    assert (row.tier, row.expires_at) == ("pro", None)
    assert await atomically(Notice.objects.filter(kind="granted_by_staff").count) == 1
    assert await atomically(AuditEntry.objects.filter(action="grant.given").count) == 1


async def test_a_revoked_grant_is_as_if_it_had_never_been_made():
    user, staff = await users.create_user(7), await atomically(StaffFactory.create)
    await repository.upgrade_subscription(user.pk, "premium", 30)
    pro = await repository.grant_access(user.pk, "pro", 10, actor=staff, reason="a prize", request_id="1")

    await repository.revoke_grant(pro.pk, actor=staff, reason="a mistake")

    row = await repository.get_by_user_id(user.pk)
    assert (row.tier, row.next_tier) == ("premium", None)
    with pytest.raises(AlreadyRevoked):
        await repository.revoke_grant(pro.pk, actor=staff, reason="a mistake")
    with pytest.raises(NotFound):
        await repository.revoke_grant(user.pk, actor=staff, reason="a mistake")
    states = [use.state for _grant, use in await repository.explain_access(user.pk)]
    assert states == [GrantState.BURNING, GrantState.REVOKED]


async def test_an_expired_tier_loses_every_feature_at_once():
    user = await users.create_user(7)
    await repository.upgrade_subscription(user.pk, "premium", 30, now=day(0))

    before = await repository.get_entitlements(user.pk, now=day(30) - timedelta(microseconds=1))
    after = await repository.get_entitlements(user.pk, now=day(30))

    assert {name: found["value"] for name, found in before.items()} == {
        "matches_history": 50,
        "advanced_analytics": True,
        "notifications": True,
        "api_access": True,
        "priority_support": False,
    }
    assert {found["tier"] for found in before.values()} == {"premium"}
    assert {name: found["value"] for name, found in after.items()} == {
        "matches_history": 20,
        "advanced_analytics": False,
        "notifications": True,
        "api_access": False,
        "priority_support": False,
    }


async def test_plans_are_those_of_a_new_installation():
    plans = await repository.get_plans()

    assert [(plan.tier, plan.duration, plan.days, plan.stars) for plan in plans] == [
        ("premium", "monthly", 30, 199),
        ("pro", "monthly", 30, 299),
        ("premium", "yearly", 365, 1999),
        ("pro", "yearly", 365, 2999),
    ]
    assert all(plan.on_sale for plan in plans)


@pytest.mark.parametrize("tier", ["free", "gold", None, 1])
async def test_only_paid_tiers_are_given(tier):
    user = await users.create_user(7)

    with pytest.raises(InvalidInput, match="tier"):
        await repository.upgrade_subscription(user.pk, tier)

    assert await atomically(Grant.objects.count) == 0


async def test_an_unknown_user_gets_nothing():
    unknown = UserFactory.build().pk

    assert await repository.upgrade_subscription(unknown, "pro") is None
    assert await repository.get_by_user_id(unknown) is None
    assert await atomically(Grant.objects.count) == 0


async def test_everybody_has_a_free_row_however_he_came():
    await users.create_user(1)
    await users.touch(2)
    await users.create({"telegram_id": 3})
    await users.create_batch([{"telegram_id": 4}, {"telegram_id": 5}])

    rows = await atomically(lambda: list(UserSubscription.objects.values_list("user__telegram_id", "tier")))

    assert sorted(rows) == [(number, "free") for number in range(1, 6)]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE grants SET duration = duration * 2",
        "UPDATE grants SET tier = 'pro'",
        "UPDATE grants SET user_id = (SELECT referrer_id FROM referrals LIMIT 1)",
        "DELETE FROM grants",
        "DELETE FROM users WHERE id IN (SELECT user_id FROM grants)",
        "UPDATE referrals SET referrer_days = 300",
        "DELETE FROM referrals",
        SECOND_GRANT,
    ],
)
def test_the_database_itself_keeps_the_facts(sql):
    referral = ReferralFactory.create()
    GrantFactory.create(user=referral.referee, referral=referral, source="referral")
    GrantFactory.create()

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert Grant.objects.count() == 2


def test_what_is_revoked_stays_revoked():
    staff, grant = StaffFactory.create(), GrantFactory.create()
    Grant.objects.filter(pk=grant.pk).update(revoked_at=START, revoked_by=staff, revoke_reason="a mistake")

    with pytest.raises(IntegrityError, match="facts"):
        Grant.objects.filter(pk=grant.pk).update(revoked_at=None, revoked_by=None, revoke_reason="")
