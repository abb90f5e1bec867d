"""What happens at a moment that is given is of that moment, wherever it is written."""

from datetime import UTC, datetime, timedelta

import pytest

from faceitbot.core.models import AuditEntry
from subscriptions.models import Notice, UserSubscription
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER, MUCH_LATER = THEN + timedelta(days=1), THEN + timedelta(days=60)
access, money = SubscriptionRepository(), PaymentRepository()


def test_all_that_a_past_leaves_is_of_the_past():
    user = UserRepository().create_user.blocking(7, now=THEN)
    friend = UserRepository().create_user.blocking(8, now=THEN)
    code = access.generate_referral_code.blocking(user.pk)
    access.apply_referral.blocking(friend.pk, code, now=LATER)
    order = money.create_order.blocking(user.pk, "premium", "monthly", now=LATER)
    money.record_successful_payment.blocking(7, order.payload, "XTR", order.stars, "charge", now=LATER)
    money.mark_refunded.blocking("charge", now=MUCH_LATER)
    access.check_and_expire_subscriptions.blocking(now=MUCH_LATER)

    assert set(UserSubscription.objects.values_list("created_at", flat=True)) == {THEN}
    entries = AuditEntry.objects.order_by("at").values_list("action", "at")
    assert {action: at for action, at in entries if action.startswith("payment.")} == {
        "payment.completed": LATER,
        "payment.refunded": MUCH_LATER,
    }
    assert all(at in (LATER, MUCH_LATER) for _action, at in entries)
    notices = dict(Notice.objects.values_list("kind", "created_at"))
    assert notices == {"referral_bonus": LATER, "refunded": MUCH_LATER, "expired": MUCH_LATER}
