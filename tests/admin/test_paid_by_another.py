"""Money that one person paid and another was given for: every page tells the two apart."""

import re

import pytest
from django.urls import reverse

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


def user_page(page, user, **asked):
    return page.get(reverse("admin:users_user_change", args=[user.pk]), asked).context


def facts(context):
    """Give what the head says of money, as it is read."""
    return {
        label: re.sub("<[^>]*>", "", str(value)).replace("\u00a0", " ")
        for label, value in context["head"].money
    }


@pytest.mark.parametrize("payload", [None, "nobody sold this"], ids=["for his order", "for no order"])
def test_the_page_of_the_one_who_was_given_tells_of_it(page, payer, buyer, forwarded, payload):
    forwarded(6, payload)

    texts = [event.text for event in user_page(page, buyer)["story"].events]
    deeds = [event.text for event in user_page(page, buyer, kind="staff")["story"].events]

    assert any("came from 6 · payer" in text and "5 · buyer was given" in text for text in texts)
    assert deeds == ["boss: Review resolved — hers"]


def test_what_others_paid_for_him_stands_apart_from_what_he_paid(page, payer, buyer, forwarded):
    forwarded(6, charge_id="his friend's")
    forwarded(77, charge_id="a stranger's")
    order = money.create_order.blocking(buyer.pk, "pro")
    money.record_successful_payment.blocking(5, order.payload, "XTR", order.stars, "his own")

    mine, his = facts(user_page(page, buyer)), facts(user_page(page, payer))

    assert (mine["Paid"], mine["Payments"], mine["Others paid for him"]) == ("299 ⭐", "1", "398 ⭐")
    assert (his["Paid"], his["Payments"]) == ("199 ⭐", "1")
    assert "Others paid for him" not in his


def test_the_one_who_was_given_finds_it_by_his_own_id(page, payer, forwarded):
    forwarded(6, "nobody sold this")

    (card,) = page.get(reverse("admin:find"), {"q": "5"}).context["cards"][:1]

    assert "5 · buyer was given" in card.matter.sentence
