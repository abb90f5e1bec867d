"""What time does to subscriptions is reported once, and users are told at least once."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from faceitbot.core import atomically
from faceitbot.core.integrity import invariants
from subscriptions.models import Notice, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.factories import UserFactory
from tests.other_process import environment
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = SubscriptionRepository()
users = UserRepository()
START = datetime(2026, 1, 1, tzinfo=UTC)
JOB = """
import json
import faceitbot
faceitbot.setup()
from subscriptions.repositories import SubscriptionRepository
changed = SubscriptionRepository().check_and_expire_subscriptions.blocking()
print(json.dumps([[str(row.user_id), row.previous_tier, row.tier] for row in changed]))
"""


def day(number):
    return START + timedelta(days=number)


@pytest.mark.proof("expiry")
def test_two_jobs_at_once_report_each_change_once(full_size, report):
    number = 10_000 if full_size else 1_000
    people = users.create_batch.blocking({"telegram_id": n} for n in range(1, number + 1))
    rows = UserSubscription.objects.all()
    rows.update(tier="premium", expires_at=day(1))

    jobs = [
        subprocess.Popen([sys.executable, "-c", JOB], env=environment(), stdout=subprocess.PIPE, text=True)
        for _job in range(2)
    ]
    found = [json.loads(job.communicate(timeout=120)[0]) for job in jobs]

    report(f"{number} expired: {len(found[0])} and {len(found[1])} reported by two jobs at once")
    reported = [row[0] for changes in found for row in changes]
    assert sorted(reported) == sorted(str(user.pk) for user in people)
    assert {tuple(row[1:]) for changes in found for row in changes} == {("premium", "free")}
    assert Notice.objects.filter(kind="expired").count() == number
    assert set(rows.values_list("tier", "expires_at")) == {("free", None)}


async def test_the_tier_that_waited_comes_next_and_the_user_is_told():
    user = await users.create_user(7)
    await repository.upgrade_subscription(user.pk, "premium", 30, now=day(0))
    await repository.upgrade_subscription(user.pk, "pro", 10, now=day(0))

    (changed,) = await repository.check_and_expire_subscriptions(now=day(11))

    assert (changed.previous_tier, changed.tier, changed.expires_at) == ("pro", "premium", day(40))
    assert await repository.check_and_expire_subscriptions(now=day(11)) == []
    (notice,) = await repository.claim_notices(now=day(11))
    assert (notice.telegram_id, notice.kind, notice.data["tier"], notice.data["next_tier"]) == (
        7,
        "expired",
        "pro",
        "premium",
    )


async def test_who_loses_his_access_in_three_days_is_warned_once():
    user = await users.create_user(7)
    await repository.upgrade_subscription(user.pk, "premium", 30, now=day(0))

    for moment in (day(26), day(27), day(28), day(29)):
        await repository.check_and_expire_subscriptions(now=moment)

    (notice,) = await repository.claim_notices(now=day(29))
    assert (notice.kind, notice.data) == (
        "expiring",
        {"tier": "premium", "expires_at": "2026-01-31T00:00:00.000000+00:00"},
    )


async def test_the_soonest_end_comes_first():
    for number in (7, 8, 9):
        user = await users.create_user(number)
        await repository.upgrade_subscription(user.pk, "premium", number, now=day(0))

    found = await repository.get_expiring_subscriptions(days_ahead=8, now=day(0))

    assert [row.expires_at for row in found] == [day(7), day(8)]
    assert await repository.get_expiring_subscriptions(days_ahead=3, now=day(8)) != []


@pytest.fixture
async def notices(closed_links):
    """Twenty notices of twenty users."""
    people = await users.create_batch({"telegram_id": n} for n in range(1, 21))
    rows = [Notice(user=user, kind="expired", subject=str(user.pk), created_at=day(0)) for user in people]
    await atomically(Notice.objects.bulk_create, rows)
    return rows


async def test_many_claim_at_once_and_each_notice_goes_to_one(notices):
    claims = await asyncio.gather(*(repository.claim_notices(limit=3) for _bot in range(10)))

    claimed = [notice.id for found in claims for notice in found]
    assert len(claimed) == len(set(claimed)) == 20


async def test_a_notice_of_a_process_that_died_is_claimed_after_the_lease(notices):
    first = await repository.claim_notices(lease_seconds=60, now=day(1))

    assert await repository.claim_notices(now=day(1) + timedelta(seconds=59)) == []
    again = await repository.claim_notices(now=day(1) + timedelta(seconds=60))

    assert again == first
    for notice in again:
        assert await repository.mark_notice_sent(notice.id) is True
        assert await repository.mark_notice_sent(notice.id) is False
    assert await repository.claim_notices(now=day(2)) == []


async def test_a_failed_notice_waits_longer_each_time_and_is_given_up_in_the_end(notices):
    key, moment, waits = notices[0].pk, day(0), []
    await atomically(Notice.objects.exclude(pk=key).delete)
    for _attempt in range(8):
        (notice,) = await repository.claim_notices(now=moment)
        await repository.mark_notice_failed(notice.id, now=moment)
        until = (await atomically(Notice.objects.get)).claimed_until
        waits.append((until - moment) / timedelta(minutes=1))
        moment = until

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128]
    assert await repository.claim_notices(now=moment) == []
    assert (await atomically(Notice.objects.get)).given_up_at is not None


async def test_who_has_stopped_the_bot_gets_none_until_he_is_back(notices):
    (notice,) = await repository.claim_notices(limit=1, now=day(1))
    await repository.mark_notice_failed(notice.id, blocked=True, now=day(1))

    later = day(1) + timedelta(hours=1)
    assert notice.id not in {found.id for found in await repository.claim_notices(now=later)}
    user = await users.get_by_telegram_id(notice.telegram_id)
    assert user.bot_blocked_at == day(1)

    await users.touch(notice.telegram_id)
    assert notice.id in {found.id for found in await repository.claim_notices(now=later)}


async def test_figures_about_subscriptions_are_those_of_the_tiers_in_force():
    people = await users.create_batch({"telegram_id": n} for n in range(1, 5))
    await repository.upgrade_subscription(people[0].pk, "pro", 30, now=day(0))
    await repository.upgrade_subscription(people[1].pk, "premium", 3, now=day(0))
    code = await repository.generate_referral_code(people[2].pk)
    await repository.apply_referral(people[3].pk, code, now=day(0))
    await repository.consume_request(people[0].pk, now=day(5))

    figures = await repository.get_subscription_stats(now=day(5))

    assert figures == {
        "total_subscriptions": 4,
        "tier_distribution": {"free": 1, "premium": 2, "pro": 1},
        "active_paid_subscriptions": 3,
        "referred_users": 1,
        "referral_rate": 25.0,
        "daily_requests_today": 1,
        "top_referrers": [{"user_id": 3, "nickname": None, "referrals": 1}],
        "conversion_rate": 75.0,
    }


async def test_integrity_holds_until_somebody_writes_past_the_rules():
    def broken():
        return {invariant.name for invariant in invariants() if list(invariant.find())}

    people = await users.create_batch({"telegram_id": n} for n in range(1, 4))
    await repository.upgrade_subscription(people[0].pk, "pro")
    code = await repository.generate_referral_code(people[0].pk)
    await repository.apply_referral(people[1].pk, code)
    assert await atomically(broken) == set()

    def past_the_rules():
        UserSubscription.objects.filter(user=people[0]).update(tier="premium", referrals_count=7)
        UserSubscription.objects.filter(user=people[1]).update(referred_by=people[2])
        User.objects.bulk_create([UserFactory.build()])

    await atomically(past_the_rules)
    assert await atomically(broken) == {
        "subscription_shows_grants",
        "referrals_are_counted",
        "referred_by_is_the_referrer",
        "user_has_subscription",
    }
