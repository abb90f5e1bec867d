"""A year of a subscription that renews itself, as Telegram tells of it: more than once, and not in order."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from subscriptions.models import Payment
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository, access = PaymentRepository(), SubscriptionRepository()
START = datetime(2025, 1, 1, tzinfo=UTC)
PERIOD = timedelta(days=30)


def charge(order, number, now, **kind):
    return repository.record_successful_payment.blocking(
        7, order.payload, "XTR", 199, f"charge-{number}", is_recurring=True, now=now, **kind
    )


def state(order, word, now):
    return repository.record_subscription_state.blocking(7, order.payload, word, now=now)


@pytest.mark.parametrize("seed", range(5))
def test_access_is_exactly_what_was_paid(seed):
    """Twelve charges; after the sixth a month failed, after the twelfth he cancelled."""
    dice = random.Random(seed)
    user = UserRepository().create_user.blocking(7)
    order = repository.create_order.blocking(user.pk, "premium", recurring=True, now=START)
    charge(order, 1, START, is_first_recurring=True)
    moment, told = START, []
    for number in range(2, 13):
        told += access.claim_notices.blocking(now=moment)
        moment += PERIOD
        if number == 7:
            state(order, "failed", moment)
            told += access.claim_notices.blocking(now=moment)
            failed = access.get_by_user_id.blocking(user.pk)
            assert (failed.auto_renew, failed.renewal_failed_at) == (True, moment)
            moment += PERIOD  # nothing was paid for it
        renewed = charge(order, number, moment)
        assert renewed.kind == "renewed"
        for _copy in range(dice.randrange(3)):
            old = dice.randint(1, number)
            assert charge(order, old, moment, is_first_recurring=old == 1).kind == "repeated"
        assert renewed.subscription.renewal_failed_at is None
    state(order, "canceled", moment)
    copies = [charge(order, number, moment) for number in dice.sample(range(1, 13), 5)]

    assert {copy.kind for copy in copies} == {"repeated"}
    row = access.get_by_user_id.blocking(user.pk)
    assert (row.tier, row.expires_at, row.auto_renew) == ("premium", START + 13 * PERIOD, False)
    assert Payment.objects.filter(status="completed").count() == 12
    before_the_gap = access.get_entitlements.blocking(user.pk, now=START + 6 * PERIOD - timedelta(seconds=1))
    assert before_the_gap["api_access"]["value"] is True
    assert repository.get_revenue_stats.blocking()["total_revenue"] == 12 * 199
    told += access.claim_notices.blocking(now=moment)
    assert sorted({notice.id: notice.kind for notice in told}.values()) == [
        "renewal_failed",
        *["renewed"] * 11,
    ]


def test_money_two_hours_after_the_order_expired_is_granted():
    user = UserRepository().create_user.blocking(7)
    order = repository.create_order.blocking(user.pk, "premium", now=START)

    outcome = repository.record_successful_payment.blocking(
        7, order.payload, "XTR", 199, "charge-1", now=order.expires_at + timedelta(hours=2)
    )

    assert outcome.kind == "granted"
    assert outcome.subscription.expires_at == START + timedelta(days=30, hours=3)


def test_a_year_told_backwards_is_the_same_year():
    user = UserRepository().create_user.blocking(7)
    order = repository.create_order.blocking(user.pk, "premium", recurring=True, now=START)

    for number in range(12, 0, -1):
        charge(order, number, START, is_first_recurring=number == 1)

    row = access.get_by_user_id.blocking(user.pk)
    assert row.expires_at == START + 12 * PERIOD
    assert Payment.objects.filter(status="completed").count() == 12
