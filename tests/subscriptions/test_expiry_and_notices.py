"""What time does to subscriptions is reported once, and users are told at least once."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from faceitbot.core import atomically
from faceitbot.core.errors import DatabaseUnavailable
from faceitbot.core.integrity import invariants
from faceitbot.core.transactions import long_query
from faceitbot.texts import MAX_LENGTH, say
from subscriptions.models import Notice, NoticeKind, UserSubscription
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.factories import StaffFactory
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
print("ready", flush=True)
input()
changed = SubscriptionRepository().check_and_expire_subscriptions.blocking()
print(json.dumps([[str(row.user_id), row.previous_tier, row.tier] for row in changed]))
"""

# Looks what is over, then moves it on; both have looked before one moves.
NAIVE_JOB = """
import faceitbot
faceitbot.setup()
from django.utils import timezone
from subscriptions.models import UserSubscription
rows = list(UserSubscription.objects.filter(expires_at__lte=timezone.now()))
print(len(rows), flush=True)
input()
for row in rows:
    UserSubscription.objects.filter(pk=row.pk).update(tier="free", expires_at=None)
print(len(rows))
"""


def start(job):
    return subprocess.Popen(
        [sys.executable, "-c", job],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def day(number):
    return START + timedelta(days=number)


@pytest.mark.proof("expiry")
def test_two_jobs_at_once_report_each_change_once(full_size, report):
    number = 10_000 if full_size else 3_000
    people = users.create_batch.blocking({"telegram_id": n} for n in range(1, number + 1))
    rows = UserSubscription.objects.all()
    rows.update(tier="premium", expires_at=day(1))

    jobs = [start(JOB) for _job in range(2)]
    assert [job.stdout.readline() for job in jobs] == ["ready\n"] * 2
    for job in jobs:
        job.stdin.write("go\n")
        job.stdin.flush()
    found = [json.loads(job.communicate(timeout=120)[0]) for job in jobs]

    assert all(found), "both had their share"
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
    claims = await asyncio.gather(*(repository.claim_notices(limit=3, now=day(1)) for _bot in range(10)))

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


async def test_what_is_not_true_any_more_is_not_told():
    """He has prolonged what was about to end; another one has been away for weeks."""
    for number in (7, 8):
        user = await users.create_user(number)
        await repository.upgrade_subscription(user.pk, "premium", 30, now=day(0))
    await repository.check_and_expire_subscriptions(now=day(28))
    await repository.upgrade_subscription(user.pk, "premium", 30, now=day(28))

    assert [notice.telegram_id for notice in await repository.claim_notices(now=day(28))] == [7]
    assert await repository.claim_notices(now=day(40)) == []
    assert await atomically(Notice.objects.filter(given_up_at=None).count) == 0


async def test_a_notice_that_kills_its_senders_is_given_up(notices):
    moment = day(1)
    for _death in range(8):
        assert len(await repository.claim_notices(now=moment)) == 20
        moment += timedelta(seconds=60)

    assert await repository.claim_notices(now=moment) == []
    assert await atomically(Notice.objects.exclude(given_up_at=None).count) == 20


async def test_an_answer_after_many_claims_is_taken(notices):
    await atomically(Notice.objects.all().update, attempts=40)
    key = notices[0].pk

    assert await repository.mark_notice_failed(key, blocked=True, now=day(1)) is True

    assert (await atomically(Notice.objects.get, pk=key)).given_up_at == day(1)
    user = await atomically(User.objects.get, notices=key)
    assert user.bot_blocked_at == day(1)


async def test_control_claims_that_look_first_are_given_twice(notices):
    async def naive():
        due = await atomically(lambda: list(Notice.objects.filter(claimed_until=None).order_by("pk")[:3]))
        keys = [notice.pk for notice in due]
        await atomically(Notice.objects.filter(pk__in=keys).update, claimed_until=day(2))
        return keys

    claims = await asyncio.gather(*(naive() for _bot in range(10)))

    claimed = [key for keys in claims for key in keys]
    assert len(claimed) > len(set(claimed))


def test_the_job_runs_as_a_command(capsys):
    user = users.create_user.blocking(7)
    repository.upgrade_subscription.blocking(user.pk, "premium", 30, now=day(0))

    call_command("expire_subscriptions")

    assert "1" in capsys.readouterr().out
    assert UserSubscription.objects.get(user=user).tier == "free"


def test_a_job_that_commits_on_its_way_is_not_run_again_as_a_whole():
    """What it did before its connection was lost stays done, and nobody would know of it."""

    class Job:
        runs = 0

        @long_query(budget_seconds=5)
        def work(self):
            Job.runs += 1
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(DatabaseUnavailable):
        Job().work.blocking()

    assert Job.runs == 1


def test_control_two_jobs_without_locks_report_changes_twice():
    users.create_batch.blocking({"telegram_id": n} for n in range(1, 301))
    UserSubscription.objects.all().update(tier="premium", expires_at=day(1))

    jobs = [start(NAIVE_JOB) for _job in range(2)]
    assert [job.stdout.readline() for job in jobs] == ["300\n"] * 2
    found = [int(job.communicate("go\n", timeout=60)[0]) for job in jobs]

    assert sum(found) == 600


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


async def test_every_notice_as_it_is_written_can_be_said():
    """By each path of the product that writes one, in both languages."""
    payments, staff = PaymentRepository(), await atomically(StaffFactory.create)
    user, friend = await users.create_user(7), await users.create_user(8)
    await repository.apply_referral(friend.pk, await repository.generate_referral_code(user.pk), now=day(0))
    await repository.grant_access(
        user.pk, "pro", None, actor=staff, reason="a prize", request_id="1", now=day(0)
    )
    order = await payments.create_order(friend.pk, "premium", recurring=True, now=day(0))
    notice = (8, order.payload, "XTR", 199)
    await payments.record_successful_payment(*notice, "one", is_recurring=True, now=day(0))
    await payments.record_successful_payment(*notice, "two", is_recurring=True, now=day(1))
    await payments.record_subscription_state(8, order.payload, "failed", now=day(1))
    await payments.mark_refunded("two", now=day(1))
    odd = await payments.record_successful_payment(7, order.payload, "XTR", 199, "three", now=day(1))
    await payments.resolve_review(
        odd.payment.pk, actor=staff, reason="checked", grant_to=friend.pk, now=day(1)
    )
    other = await users.create_user(9)
    await repository.upgrade_subscription(other.pk, "premium", 30, now=day(0))
    ends = (await repository.get_by_user_id(other.pk)).expires_at
    told = await repository.claim_notices(now=day(1))
    await repository.check_and_expire_subscriptions(now=ends - timedelta(days=1))
    told += await repository.claim_notices(now=ends - timedelta(days=1))
    await repository.check_and_expire_subscriptions(now=ends)
    told += await repository.claim_notices(now=ends)

    assert {notice.kind for notice in told} == set(NoticeKind.values)
    for written in told:
        for language in ("ru", "en"):
            assert 0 < len(say(written.kind, language, **written.data)) <= MAX_LENGTH


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


def broken():
    return {invariant.name for invariant in invariants() if list(invariant.find())}


@pytest.fixture
async def people(closed_links):
    """A pro user who brought the second one; the third has done nothing."""
    found = await users.create_batch({"telegram_id": n} for n in range(1, 4))
    await repository.upgrade_subscription(found[0].pk, "premium", 30)
    code = await repository.generate_referral_code(found[0].pk)
    await repository.apply_referral(found[1].pk, code)
    for _call in range(10):
        await repository.consume_request(found[2].pk)
    assert await atomically(broken) == set()
    return found


BREAKS = {
    "subscription_shows_grants": "UPDATE user_subscriptions SET expires_at = '2099-01-01' WHERE tier > 'g'",
    "user_has_subscription": "DELETE FROM user_subscriptions WHERE tier = 'free'",
    "referrals_are_counted": "UPDATE user_subscriptions SET referrals_count = 7 WHERE tier = 'free'",
    "referred_by_is_the_referrer": "UPDATE user_subscriptions SET referred_by_id = NULL",
    "voided_referral_gives_nothing": "UPDATE referrals SET voided_at = now(), void_reason = 'cheating'",
    "requests_within_the_highest_limit": "UPDATE user_subscriptions SET daily_requests = 101",
}


@pytest.mark.parametrize("name", BREAKS)
async def test_what_somebody_writes_past_the_rules_is_found(people, name):
    await atomically(execute, BREAKS[name])

    assert name in await atomically(broken)


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_no_ledger_can_be_emptied():
    """But in a database whose name begins with test_, as this one's does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgtype & 32 = 32 AND NOT tgisinternal"
        )
        guarded = dict(cursor.fetchall())

    assert {
        "grants",
        "referrals",
        "orders",
        "payments",
        "tier_limits",
        "plan_prices",
        "audit_entries",
    } <= set(guarded)
    assert all("current_database() LIKE 'test\\_%'" in source for source in guarded.values())
