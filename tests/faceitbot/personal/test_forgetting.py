"""Payers are forgotten thirty days after the end of the matter; not sooner, and nothing else with them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from faceitbot.core import clock
from faceitbot.core.errors import Refused
from faceitbot.personal import forgetting
from faceitbot.personal.forgetting import prune_personal_data
from subscriptions.models import Payment, StarTransaction
from subscriptions.payments.stars.reading import read_page
from subscriptions.repositories import PaymentRepository
from tests.faceitbot.personal.life import TELEGRAM_ID, pay, receive
from tests.factories import StaffFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
users, payments = UserRepository(), PaymentRepository()
DAYS = timedelta(days=1)
FORGOTTEN = ("payer_telegram_id", "received_payload", "received_odd", "provider_payment_charge_id")


@pytest.fixture
def user():
    return users.create_user.blocking(TELEGRAM_ID)


def paid(user, charge, *, days_ago):
    order = payments.create_order.blocking(user.pk, "premium")
    return pay(order, charge, now=clock.now() - days_ago * DAYS).payment


def stored(payment):
    return Payment.objects.values(*FORGOTTEN).get(pk=payment.pk)


NOTHING = {
    "payer_telegram_id": None,
    "received_payload": "",
    "received_odd": "",
    "provider_payment_charge_id": "",
}


def test_a_payer_is_forgotten_after_thirty_days_and_nothing_else(user):
    young, old = (paid(user, f"charge-{days}", days_ago=days) for days in (29, 31))
    kept, before = stored(young), Payment.objects.values().get(pk=old.pk)

    pruned = prune_personal_data()

    assert pruned == {"payments": 1}
    assert stored(young) == kept
    assert Payment.objects.values().get(pk=old.pk) == before | NOTHING


def test_a_refund_counts_from_the_day_when_the_money_went_back(user):
    payment = paid(user, "charge-1", days_ago=60)
    payments.mark_refunded.blocking("charge-1", now=clock.now() - 29 * DAYS)
    kept = stored(payment)

    assert prune_personal_data() == {}
    assert stored(payment) == kept


def test_a_refund_that_is_awaited_keeps_its_payer(user):
    payment = paid(user, "charge-1", days_ago=60)
    payments.request_refund.blocking(payment.pk, actor=StaffFactory.create(), reason="unhappy")

    assert prune_personal_data() == {}
    (refund,) = payments.get_refunds_to_submit.blocking()
    assert refund.telegram_id == TELEGRAM_ID


def test_money_in_review_keeps_its_payer_however_long_it_waits(user):
    payment = receive("charge-1", payload="what?", total_amount=1, now=clock.now() - 400 * DAYS).payment

    assert prune_personal_data() == {}
    assert stored(payment)["payer_telegram_id"] == TELEGRAM_ID


def test_what_nobody_knows_any_more_cannot_be_given_back():
    user = users.create_user.blocking(TELEGRAM_ID)
    payment = paid(user, "charge-1", days_ago=60)
    prune_personal_data()
    users.forget_identity.blocking(user.pk)

    with pytest.raises(Refused, match="nobody knows any more"):
        payments.request_refund.blocking(payment.pk, actor=StaffFactory.create(), reason="unhappy")

    assert Payment.objects.get().status == "completed"


def test_transactions_that_are_not_settled_keep_their_partner():
    for number, days, settled in (("old", 31, True), ("open", 31, False), ("young", 29, True)):
        at = clock.now() - days * DAYS
        StarTransaction.objects.create(
            transaction_id=number,
            direction="in",
            amount=1,
            at=at,
            partner_telegram_id=7,
            payload="premium_monthly_7",
            settled_at=at if settled else None,
        )

    assert prune_personal_data() == {"star_transactions": 1}
    rows = StarTransaction.objects.order_by("transaction_id").values_list("partner_telegram_id", "payload")
    assert list(rows) == [(None, ""), (7, "premium_monthly_7"), (7, "premium_monthly_7")]


def test_a_refund_of_an_old_bots_purchase_is_none_of_ours_when_its_payload_is_forgotten():
    at = int((clock.now() - 60 * DAYS).timestamp())
    partner = {"type": "user", "user": {"id": 7}, "transaction_type": "invoice_payment"}
    bought = {"source": partner | {"invoice_payload": "premium_monthly_7"}}
    charge = {"id": "old", "amount": 199, "date": at}

    first = payments.reconcile.blocking([read_page([charge | bought])])
    pruned = prune_personal_data()
    second = payments.reconcile.blocking([read_page([charge | {"receiver": partner}])])

    assert (first.before_us, pruned, second.before_us) == (1, {"star_transactions": 1}, 1)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("dry_run", [True, False])
def test_many_rows_are_forgotten_in_batches(user, monkeypatch, dry_run):
    monkeypatch.setattr(forgetting, "BATCH", 2)
    found = [paid(user, f"charge-{number}", days_ago=31) for number in range(5)]

    assert prune_personal_data(dry_run=dry_run) == {"payments": 5}
    assert [stored(payment) == NOTHING for payment in found] == [not dry_run] * 5


def test_a_row_that_somebody_works_on_is_left_for_the_next_time(user):
    taken, free = (paid(user, f"charge-{number}", days_ago=31) for number in range(2))
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM payments WHERE id = %s FOR NO KEY UPDATE", [taken.pk])
        assert prune_personal_data() == {"payments": 1}
    finally:
        other.close()

    assert (stored(free), stored(taken)["payer_telegram_id"]) == (NOTHING, TELEGRAM_ID)
    assert prune_personal_data() == {"payments": 1}


@pytest.mark.parametrize("column", FORGOTTEN)
def test_the_database_refuses_to_forget_too_soon(user, column):
    payment = receive("charge-1", payload="what?", total_amount=1, currency="x" * 20).payment
    payments.mark_refunded.blocking("charge-1", now=clock.now() - 29 * DAYS)
    kept = stored(payment)
    assert kept[column]

    with pytest.raises(IntegrityError, match=f"{column} of a payment is a fact"), transaction.atomic():
        Payment.objects.update(**{column: NOTHING[column]})

    assert stored(payment) == kept
