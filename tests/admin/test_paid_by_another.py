"""Money that one person paid and another was given for: every page tells the two apart."""

import re

import pytest

from subscriptions.desk.sentences import about_payment
from subscriptions.models import Payment
from subscriptions.repositories import PaymentRepository
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
money = PaymentRepository()


@pytest.fixture
def buyer():
    return UserFactory.create(telegram_id=5, faceit_nickname="buyer")


@pytest.fixture
def payer():
    return UserFactory.create(telegram_id=6, faceit_nickname="payer")


@pytest.fixture
def forwarded(buyer, staff):
    """Give a function: somebody pays the buyer's invoice, or for nothing, and staff let the buyer have it."""

    def pay(telegram_id, payload=None, charge_id="stx"):
        order = money.create_order.blocking(buyer.pk, "premium")
        paid = money.record_successful_payment.blocking(
            telegram_id, payload or order.payload, "XTR", 199, charge_id
        )
        return money.resolve_review.blocking(
            paid.payment.pk, actor=staff, reason="hers", grant_to=buyer.pk, tier="premium"
        )

    return pay


def sentence(payment):
    return about_payment(Payment.objects.get(pk=payment.pk)).replace("\u00a0", " ")


def test_the_sentence_names_who_paid_and_who_was_given(payer, forwarded):
    assert re.fullmatch(
        r"199 ⭐ came from 6 · payer on .*, and 5 · buyer was given Premium for 30 days\.",
        sentence(forwarded(6)),
    )


def test_a_payer_whom_the_bot_does_not_know_is_named_by_his_id(forwarded):
    payment = forwarded(77)

    assert re.match(r"199 ⭐ came from 77 on .*, and 5 · buyer was given", sentence(payment))

    money.mark_refunded.blocking("stx")
    assert re.match(r"199 ⭐ of 77 went back", sentence(payment))
