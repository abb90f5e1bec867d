"""Money and news in an order that nobody plans for."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from faceitbot.core import clock
from faceitbot.core.errors import Refused
from faceitbot.core.integrity import invariants
from faceitbot.core.models import AuditEntry
from faceitbot.personal.forgetting import prune_personal_data
from subscriptions.errors import PaymentStateError
from subscriptions.models import ReviewReason
from subscriptions.payments import refunding
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.factories import StaffFactory
from tests.threads import started
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
repository, access, users = PaymentRepository(), SubscriptionRepository(), UserRepository()


@pytest.fixture
def buyer():
    return users.create_user.blocking(7)


@pytest.fixture
def friend():
    return users.create_user.blocking(8)


@pytest.fixture
def staff():
    return StaffFactory.create()


@pytest.fixture(autouse=True)
def _nothing_is_broken(db):
    yield
    assert {found.name: list(found.find()) for found in invariants() if list(found.find())} == {}


def pay(order, telegram_id, charge_id, **more):
    return repository.record_successful_payment.blocking(
        telegram_id, order.payload, "XTR", order.stars, charge_id, **more
    )


def test_money_that_staff_let_a_friend_have_leaves_the_order_to_its_buyer(buyer, friend, staff):
    order = repository.create_order.blocking(buyer.pk, "premium")
    odd = pay(order, 8, "friend").payment
    repository.resolve_review.blocking(odd.pk, actor=staff, reason="he paid", grant_to=friend.pk)

    outcome = pay(order, 7, "own")

    assert outcome.kind == "granted"
    assert access.get_by_user_id.blocking(buyer.pk).tier == "premium"
    assert access.get_by_user_id.blocking(friend.pk).tier == "premium"


def test_a_second_charge_of_the_buyer_is_one_too_many_all_the_same(buyer, friend, staff):
    order = repository.create_order.blocking(buyer.pk, "premium")
    pay(order, 7, "own")

    outcome = pay(order, 7, "again")

    assert outcome.payment.review_reason == ReviewReason.ALREADY_PAID


def test_a_cancellation_is_not_undone_by_a_charge_that_is_heard_of_late(buyer):
    order = repository.create_order.blocking(buyer.pk, "premium", recurring=True)
    repository.record_subscription_state.blocking(7, order.payload, "canceled")

    outcome = pay(order, 7, "late", is_recurring=True, is_first_recurring=True)

    assert (outcome.kind, outcome.subscription.auto_renew) == ("granted", False)
    order.refresh_from_db()
    assert order.renewal == "canceled"


def test_a_renewal_after_a_cancellation_says_that_it_runs_again(buyer):
    order = repository.create_order.blocking(buyer.pk, "premium", recurring=True)
    pay(order, 7, "first", is_recurring=True, is_first_recurring=True)
    repository.record_subscription_state.blocking(7, order.payload, "canceled")

    outcome = pay(order, 7, "second", is_recurring=True)

    assert (outcome.kind, outcome.subscription.auto_renew) == ("renewed", True)


def test_news_of_one_subscription_leave_the_failure_of_another(buyer):
    one = repository.create_order.blocking(buyer.pk, "premium", recurring=True)
    two = repository.create_order.blocking(buyer.pk, "pro", recurring=True)
    for number, order in enumerate((one, two)):
        pay(order, 7, f"charge{number}", is_recurring=True, is_first_recurring=True)
    repository.record_subscription_state.blocking(7, one.payload, "failed")

    repository.record_subscription_state.blocking(7, two.payload, "canceled")

    row = access.get_by_user_id.blocking(buyer.pk)
    assert (row.auto_renew, row.renewal_failed_at is None) == (True, False)


def test_a_refund_never_goes_to_whom_staff_gave_the_access(friend, staff):
    old = clock.now() - timedelta(days=60)
    odd = repository.record_successful_payment.blocking(99, "?", "XTR", 199, "c", now=old).payment
    repository.resolve_review.blocking(
        odd.pk, actor=staff, reason="r", grant_to=friend.pk, tier="premium", now=old
    )
    prune_personal_data()

    with pytest.raises(Refused) as refused:
        repository.request_refund.blocking(odd.pk, actor=staff, reason="x")

    assert refused.value.context["reason"] == "payer_forgotten"
    assert repository.get_refunds_to_submit.blocking() == []


def test_an_old_payment_of_the_buyer_himself_still_goes_back_to_him(buyer, staff):
    old = clock.now() - timedelta(days=60)
    order = repository.create_order.blocking(buyer.pk, "premium", now=old)
    payment = pay(order, 7, "own", now=old).payment
    prune_personal_data()

    repository.request_refund.blocking(payment.pk, actor=staff, reason="x")

    (refund,) = repository.get_refunds_to_submit.blocking()
    assert refund.telegram_id == 7


@pytest.mark.django_db(transaction=True)
def test_giving_back_what_a_colleague_has_just_granted_is_refused(monkeypatch, buyer, staff):
    """The grant commits between the look at the review and the lock."""
    order = repository.create_order.blocking(buyer.pk, "premium")
    odd = pay(order, 8, "friend").payment
    ask = refunding.ask

    def grant():
        repository.resolve_review.blocking(odd.pk, actor=staff, reason="his", grant_to=buyer.pk)

    def after_a_grant(*given, **more):
        started(grant).join()
        return ask(*given, **more)

    monkeypatch.setattr(refunding, "ask", after_a_grant)

    with pytest.raises(PaymentStateError):
        repository.resolve_review.blocking(odd.pk, actor=staff, reason="back", refund=True)

    odd.refresh_from_db()
    assert (odd.status, odd.completed_at is None) == ("completed", False)


def test_no_word_of_a_complaint_is_lost(buyer):
    repository.open_payment_case.blocking(buyer.pk, "I got nothing")

    case = repository.open_payment_case.blocking(buyer.pk, "no")
    again = repository.open_payment_case.blocking(buyer.pk, "no")

    assert case.text == again.text == "I got nothing\nno"


def test_of_a_long_complaint_the_newest_words_are_kept(buyer):
    repository.open_payment_case.blocking(buyer.pk, "x" * 4_000)

    case = repository.open_payment_case.blocking(buyer.pk, "the charge id is stx123")

    assert case.text.endswith("x\nthe charge id is stx123")
    assert len(case.text) == 4_000


def test_an_order_that_was_paid_stays_paid(buyer):
    order = repository.create_order.blocking(buyer.pk, "premium")
    pay(order, 7, "own")

    with (
        pytest.raises(IntegrityError, match="is refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE orders SET state = 'open', paid_at = NULL")


def test_a_refund_that_is_heard_of_first_is_in_the_log_and_belongs_to_its_payer(buyer, friend):
    order = repository.create_order.blocking(buyer.pk, "premium")
    repository.mark_refunded.blocking("charge")

    outcome = pay(order, 8, "charge")

    assert (outcome.kind, outcome.payment.user_id) == ("refunded_before", friend.pk)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["payment.refunded"]
