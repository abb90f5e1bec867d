"""What happened to users and their money is told in Russian: nine stories, and what staff did about them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User as StaffAccount
from django.urls import reverse

from examples.nine_stories import Telegram, tell
from faceitbot.core import clock
from faceitbot.core.models import AuditEntry
from subscriptions.models import Grant, Order, Payment, PaymentCase
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.russian.reading import english
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db

users, access, money = UserRepository(), SubscriptionRepository(), PaymentRepository()


@pytest.fixture
def stories(page):
    """The nine stories, their users under Russian names, and a deed of staff of each kind."""
    told = tell(clock.now(), Telegram())
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(faceit_nickname=f"Игрок{user.telegram_id}")
    boss, why = StaffAccount.objects.get(username="начальник"), "так надо"
    first, second = told[0].user, told[1].user
    users.block_users.blocking([first.telegram_id], actor=boss, reason=why)
    users.unblock_users.blocking([first.telegram_id], actor=boss, reason=why)
    grant = access.grant_access.blocking(first.pk, "pro", 7, actor=boss, reason=why, request_id="1")
    access.grant_access.blocking(first.pk, "pro", None, actor=boss, reason=why, request_id="2")
    access.revoke_grant.blocking(grant.pk, actor=boss, reason=why)
    access.reset_request_count.blocking(first.pk, actor=boss, reason=why)
    code = access.generate_referral_code.blocking(first.pk)
    access.apply_referral.blocking(second.pk, code)
    case = money.open_payment_case.blocking(first.pk, "Где мой доступ?", actor=boss)
    money.close_payment_case.blocking(case.pk, actor=boss, reason=why)
    money.open_payment_case.blocking(second.pk, "Заплатил дважды.", actor=boss)
    paid = Payment.objects.get(telegram_payment_charge_id="stxGranted0001")
    money.request_refund.blocking(paid.pk, actor=boss, reason=why)
    return told


def said(page, addresses):
    return {(url, text) for url in addresses for text in english(page.get(url).text)}


def test_every_page_about_them_speaks_russian(page, stories):
    rows = [
        row for model in (User, Payment, Order, Grant, PaymentCase, AuditEntry) for row in model.objects.all()
    ]
    name = "admin:{0.app_label}_{0.model_name}_change"

    found = said(page, [reverse(name.format(row._meta), args=[row.pk]) for row in rows])

    assert len(rows) > 50
    assert found == set()


def test_every_search_is_answered_in_russian(page, stories):
    terms = [*(story.pasted for story in stories), "stxTwice0002", "Игрок", "неизвестно", "9" * 12]

    assert said(page, [f"{reverse('admin:find')}?q={term}" for term in terms]) == set()


@pytest.mark.parametrize("days", [1, 30])
def test_the_first_page_speaks_russian(page, stories, days):
    pages = [f"{reverse('admin:index')}?days={days}", f"{reverse('admin:figures')}?days={days}"]

    assert said(page, pages) == set()


def test_a_list_that_was_never_read_and_one_that_is_old_are_told_in_russian(page, stories):
    order = Order.objects.filter(state="open").first()
    url = f"{reverse('admin:find')}?q={order.payload}"
    assert said(page, [url]) == set()

    for age in (timedelta(0), timedelta(hours=1), timedelta(days=9)):
        sync = money.get_star_sync.blocking()
        sync.finished_at = clock.now() - age
        sync.save()
        assert said(page, [url]) == set()
