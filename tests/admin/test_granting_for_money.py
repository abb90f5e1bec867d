"""Money in review is granted to somebody whose name has been read, for the order that it was meant for."""

import pytest
from django.urls import reverse

from subscriptions.models import Grant, Order, Payment
from subscriptions.repositories import PaymentRepository
from tests.admin.forms import filled, said
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
money = PaymentRepository()


@pytest.fixture
def buyer():
    return UserFactory.create(telegram_id=5, faceit_nickname="buyer")


@pytest.fixture
def payer():
    return UserFactory.create(telegram_id=6, faceit_nickname="payer")


def pay(order, payload=None, payer=6):
    return money.record_successful_payment.blocking(
        payer, payload or order.payload, "XTR", order.stars, "stx"
    ).payment


def address(payment):
    return reverse("admin:subscriptions_payment_resolve", args=[payment.pk])


def offered(page):
    (card,) = page.get(reverse("admin:find"), {"q": "stx"}).context["cards"]
    return {step.title: step.url for step in card.steps if "Grant" in step.title}


def sent(form, **given):
    """Give what a browser sends: what the form has been filled with, and what somebody changes."""
    filled_in = {field.name: field.value() or "" for field in form.context["form"]}
    return filled(form, **{**filled_in, "reason": "his", **given})


def test_the_buyer_and_the_payer_are_offered_each_by_name(page, buyer, payer):
    payment = pay(money.create_order.blocking(buyer.pk, "premium"))

    links = offered(page)

    url = address(payment)
    assert links == {
        "Grant to the buyer": f"{url}?telegram_id=5",
        "Grant to the payer": f"{url}?telegram_id=6",
    }
    form = page.get(links["Grant to the payer"])
    assert form.context["form"]["telegram_id"].value() == "6"
    assert "The buyer is 5 · buyer, the payer 6 · payer." in form.text
    page.post(links["Grant to the payer"], sent(form))
    assert Grant.objects.get().user == payer


def test_one_who_may_be_meant_is_in_the_form_already(page, buyer):
    order = money.create_order.blocking(buyer.pk, "premium")
    payment = pay(order, payer=77)

    assert offered(page) == {"Grant access": f"{address(payment)}?telegram_id=5"}
    form = page.get(address(payment)).context["form"]
    assert form["telegram_id"].value() == 5
    assert form.fields["telegram_id"].help_text == "The buyer is 5 · buyer."


def test_a_stranger_is_named_before_he_is_given_anything(page, buyer):
    UserFactory.create(telegram_id=7, faceit_nickname="stranger")
    payment = pay(money.create_order.blocking(buyer.pk, "premium"), payer=77)
    form = page.get(address(payment))

    asked = page.post(address(payment), sent(form, telegram_id="7"))

    assert asked.context["form"].errors["telegram_id"] == [
        "This is 7 · stranger, neither the buyer nor the payer. Send the form again if he is meant."
    ]
    assert Grant.objects.count() == 0
    other = page.post(address(payment), sent(asked, telegram_id="5"))
    assert other.status_code == 302
    assert Grant.objects.get().user == buyer


def test_a_stranger_who_has_been_named_may_be_meant(page, buyer):
    stranger = UserFactory.create(telegram_id=7, faceit_nickname="stranger")
    payment = pay(money.create_order.blocking(buyer.pk, "premium"), payer=77)
    asked = page.post(address(payment), sent(page.get(address(payment)), telegram_id="7"))

    answer = page.post(address(payment), sent(asked))

    assert said(answer) == ["1 done."]
    assert Grant.objects.get().user == stranger


def test_a_similar_order_is_paid_by_the_money_and_gives_its_buyer_access(page, buyer, payer):
    order = money.create_order.blocking(buyer.pk, "premium")
    payment = pay(order, payload="nobody sold this")
    groups = page.get(reverse("admin:subscriptions_payment_change", args=[payment.pk])).context["similar"]
    ((pay_url),) = [shown["pay_url"] for _title, orders in groups for shown in orders]

    form = page.get(pay_url)
    answer = page.post(pay_url, sent(form))

    assert form.context["form"]["order"].value() == str(order.pk)
    assert said(answer) == ["1 done."]
    assert Grant.objects.get().user == buyer
    assert (Order.objects.get().state, Payment.objects.get().order_id) == ("paid", order.pk)


def test_the_order_of_one_is_not_paid_for_another(page, buyer, payer):
    order = money.create_order.blocking(buyer.pk, "premium")
    payment = pay(order, payload="nobody sold this")
    form = page.get(address(payment))

    errors = (
        page.post(address(payment), sent(form, order=str(order.pk), telegram_id="6", plan="pro monthly"))
        .context["form"]
        .errors
    )
    nobody = page.post(address(payment), sent(form, order="", telegram_id="")).context["form"].errors

    assert errors == {
        "order": ["This order is one of 5 · buyer. Leave the Telegram id empty if he is meant."],
        "plan": ["The order says what it buys."],
    }
    assert nobody == {"telegram_id": ["Say who gets access."]}
    assert Grant.objects.count() == 0


def test_money_that_has_its_order_is_asked_about_no_other(page, buyer):
    payment = pay(money.create_order.blocking(buyer.pk, "premium"), payer=77)
    money.create_order.blocking(buyer.pk, "premium")

    assert "order" not in page.get(address(payment)).context["form"].fields
