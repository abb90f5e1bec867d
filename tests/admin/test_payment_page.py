"""The page of a payment: one sentence, the steps from order to refund, who paid, and Telegram's view."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from faceitbot.core import clock
from subscriptions.models import StarSync
from subscriptions.repositories import PaymentRepository
from tests.factories import OrderFactory, StarTransactionFactory, UserFactory

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


def similar(answer):
    return {title: [order["text"] for order in orders] for title, orders in answer.context["similar"]}


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
    assert similar(answer) == {
        "Orders of the payer around that time": ["5 · sniper: Premium for 30 days, 199\u00a0⭐"]
    }


def test_the_order_that_is_nearest_to_the_money_is_never_left_out(page, user):
    came = clock.now()
    for minutes in [*range(30, 60), 1, *range(-60, -30)]:
        at = came + timedelta(minutes=minutes)
        OrderFactory.create(user=user, created_at=at, days=300 + minutes)
    payment = money.record_successful_payment.blocking(5, "nobody sold this", "XTR", 199, "stx", now=came)

    nearest = similar(open_page(page, payment.payment))["Orders of the payer around that time"]

    assert [re.findall(r"\d+ days", text) for text in nearest] == [
        ["301 days"],
        ["330 days"],
        ["269 days"],
        ["331 days"],
        ["268 days"],
    ]


def test_money_of_nobody_known_shows_what_others_ordered_for_that_price(page, user):
    came = clock.now()
    OrderFactory.create(user=user, created_at=came - timedelta(minutes=9))
    OrderFactory.create(user=user, created_at=came - timedelta(minutes=8), stars=200)
    OrderFactory.create(user=user, created_at=came - timedelta(minutes=7), state="paid", paid_at=came)
    OrderFactory.create(user=user, created_at=came - timedelta(hours=4))
    payment = money.record_successful_payment.blocking(77, "nobody sold this", "XTR", 199, "stx", now=came)

    found = similar(open_page(page, payment.payment))

    assert found == {
        "Orders of the payer around that time": [],
        "Others' unpaid orders of the same price about that time": [
            "5 · sniper: Premium for 30 days, 199\u00a0⭐"
        ],
    }


def test_a_wrong_amount_shows_nobody_elses_orders(page, user):
    OrderFactory.create(stars=149)

    answer = open_page(page, pay(user, stars=149))

    assert list(similar(answer)) == ["Orders of the payer around that time"]


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
