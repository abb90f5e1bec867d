"""Reasons: usual ones to choose from, words of one's own, and one of both at least."""

import pytest
from django.urls import reverse
from django.utils import translation

from faceitbot.core.audit import history
from subscriptions.models import Grant, UserSubscription
from subscriptions.repositories import PaymentRepository
from tests.admin.forms import filled
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserRepository().create_user.blocking(7)


def block(page, user, **given):
    url = reverse("admin:users_user_block", args=[user.pk])
    return page.post(url, filled(page.get(url), **given))


def test_a_usual_reason_is_enough(page, user):
    block(page, user, preset="spam", reason="")

    assert [entry.reason for entry in history(user)] == ["Spam or flood"]


def test_words_are_added_to_a_usual_reason(page, user):
    block(page, user, preset="spam", reason=" 300 requests a minute ")

    assert [entry.reason for entry in history(user)] == ["Spam or flood: 300 requests a minute"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"preset": "", "reason": "  "}, "reason"),
        ({"preset": "no such reason", "reason": "x"}, "preset"),
        ({"preset": "spam", "reason": "x" * 490}, "reason"),
    ],
)
def test_what_is_no_reason_is_refused(page, user, given, field):
    answer = block(page, user, **given)

    assert list(answer.context["form"].errors) == [field]
    assert User.objects.get().blocked_at is None


def test_money_goes_back_for_a_reason_only(page, user):
    money = PaymentRepository()
    order = money.create_order.blocking(user.pk, "premium")
    payment = money.record_successful_payment.blocking(7, order.payload, "XTR", 199, "charge-1").payment
    url = reverse("admin:subscriptions_payment_give_back", args=[payment.pk])

    refused = page.post(url, filled(page.get(url), preset="", reason=""))
    page.post(url, filled(page.get(url), preset="twice", reason=""))

    assert list(refused.context["form"].errors) == ["reason"]
    (entry,) = [entry for entry in history(payment) if entry.actor]
    assert entry.reason == "Paid twice"


def test_a_form_that_is_wrong_remembers_what_it_showed(page, user):
    """Filled in again, it is the same form: sent twice, it acts once."""
    row = UserSubscription.objects.get(user=user)
    url = reverse("admin:subscriptions_usersubscription_give", args=[row.pk])
    opened = page.get(url)

    wrong = page.post(url, filled(opened, tier="pro", days="", reason="outage"))

    assert dict(wrong.context["hidden"]) == dict(opened.context["hidden"])
    assert Grant.objects.count() == 0


def test_the_log_is_in_the_language_of_the_installation(page, user, settings):
    with translation.override("de"):
        block(page, user, preset="spam", reason="")

    assert [entry.reason for entry in history(user)] == ["Spam or flood"]
