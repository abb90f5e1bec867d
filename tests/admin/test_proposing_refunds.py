"""Finance alone gives money back: the page says so, and takes a proposal, which finance finds as a case."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from faceitbot.core.models import AuditEntry
from subscriptions.models import Payment, PaymentCase
from subscriptions.repositories import PaymentRepository
from tests.admin.forms import filled, said
from tests.admin.roles import member
from tests.factories import StaffFactory, UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
money = PaymentRepository()


@pytest.fixture
def support():
    return member("support")


@pytest.fixture
def page(support):
    client = Client()
    client.force_login(support)
    return client


def pay(payer=5, payload=None):
    user = UserFactory.create(telegram_id=5, faceit_nickname="sniper")
    order = money.create_order.blocking(user.pk, "premium")
    return money.record_successful_payment.blocking(
        payer, payload or order.payload, "XTR", 199, "stx"
    ).payment


def address(name, *args):
    return reverse(f"admin:subscriptions_{name}", args=args)


def buttons(answer):
    return {action["path"].rstrip("/").rpartition("/")[2] for action in answer.context["actions_detail"]}


@pytest.mark.parametrize("role", ["support", "admin"])
def test_the_button_is_there_and_says_why_it_does_nothing(client, role):
    client.force_login(member(role))

    shown = client.get(address("payment_change", pay().pk))

    assert shown.context["refund_withheld"] == (
        "Only finance gives money back. Propose it, and finance is asked."
    )
    assert 'aria-disabled="true"' in shown.text
    assert buttons(shown) == {"propose_refund"}


def of_both_roles():
    account = member("admin")
    account.groups.add(Group.objects.get(name="finance"))
    return account


@pytest.mark.parametrize("who", [lambda: member("finance"), of_both_roles, StaffFactory.create])
def test_who_may_give_money_back_is_offered_that_and_no_proposal(client, who):
    payment = pay()
    client.force_login(who())

    shown = client.get(address("payment_change", payment.pk))

    assert shown.context["refund_withheld"] == ""
    assert buttons(shown) == {"give_back"}


def test_an_admin_moves_no_money_past_the_button_either(client):
    paid = pay()
    client.force_login(member("admin"))

    answers = [
        client.post(address(f"payment_{deed}", paid.pk), {"reason": "he asked"})
        for deed in ("give_back", "keep", "resolve")
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert Payment.objects.get().status == "completed"


def test_the_search_offers_the_proposal_beside_the_disabled_refund(page):
    pay()

    (card,) = page.get(reverse("admin:find"), {"q": "stx"}).context["cards"]

    assert [(step.title, step.why_not) for step in card.steps] == [
        ("Give back", "Your role does not allow this."),
        ("Propose a refund", ""),
        ("Open a case", ""),
    ]


def test_a_proposal_opens_a_case_and_moves_no_money(page, support):
    payment = pay()
    url = address("payment_propose_refund", payment.pk)

    answers = [page.post(url, filled(page.get(url), preset="twice", reason="2 x 199")) for _click in range(2)]

    case = PaymentCase.objects.get()
    assert [said(answer) for answer in answers] == [["1 done."], ["1 done."]]
    assert (case.user, case.charge_id, case.closed_at) == (payment.user, "stx", None)
    assert case.text == f"{support} proposes a refund: Paid twice: 2 x 199"
    assert Payment.objects.get().status == "completed"
    mine = AuditEntry.objects.filter(actor=support).values_list("action", flat=True)
    assert list(mine.order_by("pk")) == [
        "payment_case.opened",
        "payment.refund_proposed",
        "payment_case.added_to",
        "payment.refund_proposed",
    ]


def test_a_proposal_is_not_told_as_what_the_buyer_complains_about(page, staff):
    payment = pay()
    complaint = money.open_payment_case.blocking(payment.user_id, "Where is my Premium?", actor=staff)
    page.post(address("payment_propose_refund", payment.pk), {"reason": "w" * 500})

    proposal = PaymentCase.objects.get(kind="proposal")
    url = reverse("admin:users_user_change", args=[payment.user_id])
    story = [event.text for event in page.get(url).context["story"].events]
    found = [card.matter.sentence for card in page.get(reverse("admin:find"), {"q": "5"}).context["cards"]]
    landing = page.get(reverse("admin:index")).text

    complaint.refresh_from_db()
    assert (complaint.text, complaint.charge_id) == ("Where is my Premium?", "")
    assert f"A refund was proposed: “{proposal.text[:300]}”" in story
    assert "Complained: “Where is my Premium?”" in story
    assert sum("A refund for 5 · sniper was proposed on" in sentence for sentence in found) == 1
    assert sum("5 · sniper complained on" in sentence for sentence in found) == 1
    assert "A refund is proposed for 5 · sniper" in landing


def test_money_in_review_is_proposed_for_the_buyer_of_its_order(page):
    payment = pay(payer=77)
    assert payment.user is None

    page.post(address("payment_propose_refund", payment.pk), {"reason": "a stranger paid"})

    assert PaymentCase.objects.get().user.telegram_id == 5


def test_money_of_somebody_unknown_cannot_be_proposed(page):
    payment = pay(payer=77, payload="nobody sold this")

    answer = page.post(address("payment_propose_refund", payment.pk), {"reason": "a stranger paid"})

    assert said(answer) == ["Nobody here is known as the buyer."]
    assert PaymentCase.objects.count() == 0
    assert not AuditEntry.objects.filter(actor__isnull=False).exists()


def test_money_that_goes_back_already_cannot_be_proposed(page, staff):
    payment = pay()
    money.request_refund.blocking(payment.pk, actor=staff, reason="he asked")

    answer = page.post(address("payment_propose_refund", payment.pk), {"reason": "again"})

    assert said(answer) == ["The money of this payment cannot go back now."]
    assert PaymentCase.objects.count() == 0


def test_support_gives_a_month_and_not_a_year(page):
    user = UserRepository().create_user.blocking(6)
    url = address("usersubscription_give", user.subscription.pk)

    month = page.post(url, {"tier": "pro", "days": "31", "reason": "outage"})
    more = [
        page.post(url, {"tier": "pro", "reason": "outage", **given})
        for given in ({"days": "32"}, {"for_ever": "on"})
    ]

    assert said(month) == ["1 done."]
    assert [said(answer)[-1] for answer in more] == [
        "Your role may give at most 31 days at once. An admin may give more."
    ] * 2
    assert user.grants.count() == 1
