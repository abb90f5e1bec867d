"""Money that came without its order buys the order that staff say it was for."""

import pytest

from faceitbot.core.errors import InvalidInput, NotFound
from faceitbot.core.models import AuditEntry
from subscriptions.errors import PaymentStateError
from subscriptions.models import Grant, Order, OrderState, Payment
from subscriptions.repositories import PaymentRepository
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
repository = PaymentRepository()


@pytest.fixture
def staff():
    return StaffFactory.create(username="boss")


@pytest.fixture
def buyer():
    return UserFactory.create(telegram_id=5)


@pytest.fixture
def order(buyer):
    return repository.create_order.blocking(buyer.pk, "pro")


@pytest.fixture
def lost(buyer):
    """199 Stars for no order of ours; Pro costs more."""
    return repository.record_successful_payment.blocking(5, "nobody sold this", "XTR", 199, "stx").payment


def test_the_order_is_paid_and_buys_nothing_a_second_time(staff, buyer, order, lost):
    done = repository.resolve_review.blocking(
        lost.pk, actor=staff, reason="his", grant_to=buyer.pk, order=order.pk
    )

    assert (done.order_id, done.tier, done.days, done.amount) == (order.pk, "pro", order.days, 199)
    assert Order.objects.get().state == OrderState.PAID
    assert Grant.objects.get().user == buyer
    assert AuditEntry.objects.get(action="payment.review_resolved").after["order"] == str(order.pk)
    again = repository.record_successful_payment.blocking(5, order.payload, "XTR", order.stars, "again")
    assert (again.kind, again.payment.review_reason) == ("in_review", "already_paid")


def test_an_order_that_is_not_his_or_is_paid_or_is_unknown_is_refused(staff, buyer, order, lost):
    other = UserFactory.create()
    bought = repository.create_order.blocking(buyer.pk, "premium")
    repository.record_successful_payment.blocking(5, bought.payload, "XTR", 199, "first")
    answer = {"actor": staff, "reason": "his"}

    for refusal, given in (
        (PaymentStateError, {"grant_to": other.pk, "order": order.pk}),
        (PaymentStateError, {"grant_to": buyer.pk, "order": bought.pk}),
        (NotFound, {"grant_to": buyer.pk, "order": lost.pk}),
        (InvalidInput, {"grant_to": buyer.pk, "order": order.pk, "tier": "premium"}),
        (InvalidInput, {"refund": True, "order": order.pk}),
    ):
        with pytest.raises(refusal):
            repository.resolve_review.blocking(lost.pk, **answer, **given)

    lost.refresh_from_db()
    assert (lost.status, lost.order_id) == ("needs_review", None)
    assert Grant.objects.count() == 1


def test_money_that_has_its_order_buys_no_other(staff, buyer, order):
    own = repository.create_order.blocking(buyer.pk, "premium")
    odd = repository.record_successful_payment.blocking(5, own.payload, "XTR", 149, "odd").payment
    answer = {"actor": staff, "reason": "his", "grant_to": buyer.pk}

    with pytest.raises(PaymentStateError):
        repository.resolve_review.blocking(odd.pk, **answer, order=order.pk)

    assert repository.resolve_review.blocking(odd.pk, **answer, order=own.pk).tier == "premium"
    assert Payment.objects.get().order_id == own.pk
