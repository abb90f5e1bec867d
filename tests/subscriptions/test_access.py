"""Grants come to access as the rule says, survive each other, and are never made twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from faceitbot.core import atomically
from faceitbot.core.errors import Conflict, InvalidInput, NotFound
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
    entries = await atomically(lambda: list(AuditEntry.objects.filter(action="grant.given")))
    assert {entry.object_id for entry in entries} == {str(row.pk), str(grants[0].pk)}
    assert len(entries) == 2
    for other in ({"tier": "premium"}, {"duration_days": 300}):
        asked = {"tier": "pro", "duration_days": None} | other
        with pytest.raises(Conflict, match="something else"):
            await repository.grant_access(
                user.pk, **asked, actor=staff, reason="a prize", request_id="click-1"
            )


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


async def test_a_lost_row_comes_back_with_what_was_given():
    people = await users.create_batch({"telegram_id": n} for n in range(1, 4))
    await repository.upgrade_subscription(people[0].pk, "pro", 30)
    code = await repository.generate_referral_code(people[0].pk)
    await repository.apply_referral(people[1].pk, code)
    before = await repository.get_by_user_id(people[0].pk)
    await atomically(UserSubscription.objects.all().delete)

    allowed, limits = await repository.consume_request(people[0].pk)
    referred = await repository.create_default_subscription(people[1].pk)
    free = await repository.consume_request(people[2].pk)

    assert (allowed, limits["tier"], limits["expires_at"]) == (True, "pro", before.expires_at)
    row = await repository.get_by_user_id(people[0].pk)
    assert (row.tier, row.referrals_count, row.next_tier) == ("pro", 1, "premium")
    assert (referred.tier, referred.referred_by_id) == ("premium", people[0].pk)
    assert free.limits["daily_requests"] == 1


async def test_deleting_users_while_they_are_given_something_needs_no_second_try(caplog):
    """Both begin with the user; the other way round nearly every pair would be a deadlock."""
    people = await users.create_batch({"telegram_id": n} for n in range(1, 41))

    calls = [
        call
        for user in people
        for call in (repository.upgrade_subscription(user.pk, "premium"), users.delete(user.pk))
    ]
    found = await asyncio.gather(*calls, return_exceptions=True)

    assert "transaction.retried" not in caplog.text
    given = [result for result in found[::2] if result is not None]
    kept = [result for result in found[1::2] if isinstance(result, Conflict)]
    assert len(given) == len(kept) == await atomically(Grant.objects.count)


async def test_the_clock_of_the_application_gives_nothing(monkeypatch):
    user = await users.create_user(7)
    right = datetime.now(UTC)
    monkeypatch.setattr("faceitbot.core.clock.now", lambda: right + timedelta(hours=26))

    row = await repository.upgrade_subscription(user.pk, "premium", 1)
    features = await repository.get_entitlements(user.pk)
    moved = await repository.check_and_expire_subscriptions()

    assert abs(row.expires_at - right - timedelta(days=1)) < timedelta(minutes=1)
    assert features["api_access"]["value"] is True
    assert moved == []


async def test_control_without_the_lock_time_is_lost(monkeypatch):
    """Each projection is stored over one that it did not see."""
    user, staff = await users.create_user(7), await atomically(StaffFactory.create)
    monkeypatch.setattr(
        "subscriptions.repositories.access.locked_subscription",
        lambda user_id: UserSubscription.objects.filter(user_id=user_id).first(),
    )

    await asyncio.gather(
        *(
            repository.grant_access(
                user.pk, "premium", 1, actor=staff, reason="a race", request_id=str(number)
            )
            for number in range(50)
        )
    )

    row = await repository.get_by_user_id(user.pk)
    first = await atomically(Grant.objects.earliest, "starts_at")
    assert row.expires_at < first.starts_at + timedelta(days=50)


def test_plans_are_never_deleted():
    for statement in ("DELETE FROM tier_limits", "DELETE FROM plan_prices", "DELETE FROM referral_programme"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
