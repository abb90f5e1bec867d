"""The page of a payment: one sentence, the steps from order to refund, who paid, and Telegram's view."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from faceitbot.core import clock
from subscriptions.models import StarSync
from subscriptions.repositories import PaymentRepository
from tests.factories import StarTransactionFactory, UserFactory

pytestmark = pytest.mark.django_db
money = PaymentRepository()


@pytest.fixture
def user():
    return UserFactory.create(telegram_id=5, faceit_nickname="sniper")


def pay(user, *, stars=None, payer=None, charge_id="stx", payload=None):
    order = money.create_order.blocking(user.pk, "premium")
    return money.record_successful_payment.blocking(
        payer or user.telegram_id, payload or order.payload, "XTR", stars or order.stars, charge_id
    ).payment


def open_page(page, payment):
    return page.get(reverse("admin:subscriptions_payment_change", args=[payment.pk]))


def steps(answer):
    return [(step.title, step.state.value) for step in answer.context["timeline"]]


def facts(found):
    """Give the texts that a reader sees, without the tags and the buttons."""
    return {label: re.sub(r"<button.*|<[^>]*>", "", str(value), flags=re.DOTALL) for label, value in found}


def test_money_that_bought_access(page, user):
    answer = open_page(page, pay(user))

    assert "5 · sniper was given Premium for 30 days. It is in use" in answer.context["sentence"]
    assert steps(answer) == [
        ("Order", "done"),
        ("Money", "done"),
        ("Check", "done"),
        ("Access", "done"),
        ("Refund", "none"),
    ]
    assert facts(answer.context["people"]) == {
        "Buyer": "5 · sniper",
        "Payer": "5",
        "The payer is": "the buyer himself",
        "Given to": "5 · sniper",
    }
    assert answer.context["similar"] is None


def test_money_of_somebody_else_in_review(page, user):
    answer = open_page(page, pay(user, payer=77))

    assert dict(steps(answer))["Check"] == "wrong"
    assert dict(steps(answer))["Access"] == "none"
    assert facts(answer.context["people"])["The payer is"] == "somebody else than the buyer"


def test_money_for_no_order_shows_the_payers_own_orders_of_those_days(page, user):
    payment = pay(user, payload="nobody sold this")
    money.create_order.blocking(user.pk, "pro", now=clock.now() - timedelta(days=9))

    answer = open_page(page, payment)

    assert dict(steps(answer))["Order"] == "wrong"
    assert [order["text"] for order in answer.context["similar"]] == [
        "5 · sniper: Premium for 30 days, 199\u00a0⭐"
    ]


def test_money_that_is_to_go_back_and_has_gone(page, staff, user):
    payment = pay(user)
    money.request_refund.blocking(payment.pk, actor=staff, reason="he asked")
    money.get_refunds_to_submit.blocking()
    money.mark_refund_failed.blocking(payment.pk, "Telegram is away")

    answer = open_page(page, payment)

    assert dict(steps(answer))["Refund"] == "waits"
    assert "The bot has tried 1 time. Telegram says: Telegram is away" in answer.context["sentence"]

    money.mark_refunded.blocking("stx")
    answer = open_page(page, payment)
    assert dict(steps(answer))["Refund"] == "done"
    assert "what they had bought was taken away" in answer.context["sentence"]
    assert "It was taken away" in next(s.text for s in answer.context["timeline"] if s.title == "Access")


def test_a_refund_that_was_heard_of_first(page):
    payment = money.mark_refunded.blocking("stx-unknown")

    answer = open_page(page, payment)

    assert dict(steps(answer)) == {
        "Order": "wrong",
        "Money": "wrong",
        "Check": dict(steps(answer))["Check"],
        "Access": "none",
        "Refund": "done",
    }


def test_what_telegram_lists_stands_there_and_when_it_was_read(page, user):
    payment = pay(user)
    StarSync.objects.update_or_create(id=1, defaults={"finished_at": clock.now() - timedelta(hours=2)})

    silent = facts(open_page(page, payment).context["mirror"])
    assert "before that: reconcile to be sure" in silent["Not in Telegram's list"]
    assert silent["List last read"] == "2\u00a0hours ago"

    StarTransactionFactory.create(transaction_id="stx", direction="in", amount=199)
    assert facts(open_page(page, payment).context["mirror"])["Received"].startswith("199\u00a0⭐, ")


def test_a_payment_that_is_only_expected(page, user):
    answer = open_page(page, money.create_payment.blocking(user.pk, 199, "premium"))

    assert dict(steps(answer))["Money"] == "waits"
    assert "no money has come yet" in answer.context["sentence"]
