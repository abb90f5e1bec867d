"""A form that shows a row as it no longer is does nothing, and says who has changed it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from django.urls import reverse

from faceitbot.core.models import AuditEntry
from subscriptions.models import Grant, UserSubscription
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.admin.forms import filled, said
from tests.factories import StaffFactory
from tests.threads import giving_back
from users.models import User
from users.repositories import UserRepository

subscriptions = SubscriptionRepository()
payments = PaymentRepository()
LIST = reverse("admin:users_user_changelist")


@pytest.fixture
def colleague(both_ways):
    return StaffFactory.create(username="anna")


@pytest.fixture
def boss(both_ways):
    client = Client()
    client.force_login(StaffFactory.create(username="boss"))
    return client


def user_with_row(telegram_id=7):
    user = UserRepository().create_user.blocking(telegram_id)
    return user, UserSubscription.objects.get(user=user)


def give(row):
    return reverse("admin:subscriptions_usersubscription_give", args=[row.pk])


def test_a_row_that_a_colleague_has_changed_is_not_changed_again(boss, colleague):
    user, row = user_with_row()
    opened = boss.get(give(row))
    subscriptions.grant_access.blocking(
        user.pk, "premium", 5, actor=colleague, reason="outage", request_id="1"
    )

    answer = boss.post(give(row), filled(opened, tier="premium", days="5", reason="outage"))

    assert Grant.objects.count() == 1
    assert "has changed since you opened the form" in answer.text
    assert "anna" in answer.text
    assert "Access given" in answer.text
    assert ("Tier", "Premium") in answer.context["state"]


def test_who_has_seen_the_change_may_go_on(boss, colleague):
    user, row = user_with_row()
    opened = boss.get(give(row))
    subscriptions.grant_access.blocking(
        user.pk, "premium", 5, actor=colleague, reason="outage", request_id="1"
    )
    refused = boss.post(give(row), filled(opened, tier="premium", days="5", reason="outage"))

    answer = boss.post(give(row), filled(refused, tier="premium", days="5", reason="outage"))

    assert said(answer) == ["1 done."]
    assert Grant.objects.count() == 2


def test_what_the_user_does_himself_makes_no_form_old(boss, colleague):
    user, row = user_with_row()
    opened = boss.get(give(row))
    subscriptions.consume_request.blocking(user.pk)
    UserRepository().touch.blocking(7)

    answer = boss.post(give(row), filled(opened, tier="premium", days="5", reason="outage"))

    assert said(answer) == ["1 done."]


def test_a_revocation_rests_on_what_else_the_user_has(boss, colleague):
    """The grant itself is as it was, but what is lost with it is not."""
    user, _row = user_with_row()
    first = subscriptions.grant_access.blocking(
        user.pk, "pro", 5, actor=colleague, reason="prize", request_id="1"
    )
    url = reverse("admin:subscriptions_grant_revoke", args=[first.pk])
    opened = boss.get(url)
    subscriptions.grant_access.blocking(user.pk, "pro", 5, actor=colleague, reason="prize", request_id="2")

    answer = boss.post(url, filled(opened, reason="a mistake"))

    assert "has changed since you opened the form" in answer.text
    first.refresh_from_db()
    assert first.revoked_at is None


def test_money_that_has_moved_on_is_left_alone(boss, colleague):
    user, _row = user_with_row()
    order = payments.create_order.blocking(user.pk, "premium")
    payment = payments.record_successful_payment.blocking(7, order.payload, "XTR", 199, "charge-1").payment
    url = reverse("admin:subscriptions_payment_give_back", args=[payment.pk])
    opened = boss.get(url)
    payments.request_refund.blocking(payment.pk, actor=colleague, reason="he asked")

    answer = boss.post(url, filled(opened, reason="he asked"))

    assert "Refund requested" in answer.text
    assert ("Status", "refund awaited") in answer.context["state"]
    assert AuditEntry.objects.filter(action="payment.refund_requested").count() == 1


def test_in_a_list_the_changed_rows_are_refused_and_the_others_done(boss, colleague):
    users = [UserRepository().create_user.blocking(number) for number in (1, 2, 3)]
    chosen = {"action": "block_selected", "_selected_action": [str(user.pk) for user in users]}
    opened = boss.post(LIST, chosen)
    UserRepository().block_users.blocking([2], actor=colleague, reason="spam")

    answer = boss.post(LIST, filled(opened, reason="spam"))

    assert said(answer) == [
        "2 done.",
        "1 refused: has changed since you opened the form: anna, User blocked (2)",
    ]
    assert User.objects.filter(blocked_at__isnull=False).count() == 3


def test_a_row_that_has_left_the_list_is_counted(boss, colleague):
    for number in (1, 2):
        UserRepository().create_user.blocking(number, language="en")
    url = f"{LIST}?language=en"
    chosen = {"action": "block_selected", "_selected_action": [str(User.objects.get(telegram_id=1).pk)]}
    opened = boss.post(url, {**chosen, "select_across": "1"})
    UserRepository().set_preferences.blocking(2, language="ru")

    answer = boss.post(url, filled(opened, reason="spam"))

    assert said(answer) == ["1 done.", "1 refused: is not in this list any more"]


def test_a_row_that_has_come_into_the_list_is_not_touched(boss, colleague):
    """Nobody has seen it on the page that asked."""
    first = UserRepository().create_user.blocking(1, language="en")
    url = f"{LIST}?language=en"
    opened = boss.post(
        url, {"action": "block_selected", "_selected_action": [str(first.pk)], "select_across": "1"}
    )
    UserRepository().create_user.blocking(2, language="en")

    boss.post(url, filled(opened, reason="spam"))

    assert list(User.objects.filter(blocked_at__isnull=False).values_list("telegram_id", flat=True)) == [1]


# ---- Two at the same moment


def together(posts):
    """Send forms at once, each from a thread of its own."""

    def send(post):
        client, url, form = post
        return client.post(url, form)

    with ThreadPoolExecutor(len(posts)) as threads:
        return list(threads.map(giving_back(send), posts))


def staff_clients(number):
    clients = [Client() for _n in range(number)]
    for client in clients:
        client.force_login(StaffFactory.create())
    return clients


@pytest.mark.django_db(transaction=True)
def test_of_six_who_decide_at_once_about_the_same_row_one_acts():
    _user, row = user_with_row()
    forms = [
        (client, give(row), filled(client.get(give(row)), tier="pro", days="2", reason="outage"))
        for client in staff_clients(6)
    ]

    answers = together(forms)

    assert Grant.objects.count() == 1
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [302]
    refused = [answer for answer in answers if answer.status_code == 200]
    assert all("has changed since you opened the form" in answer.text for answer in refused)


@pytest.mark.django_db(transaction=True)
def test_without_versions_all_six_would_act():
    """Control: the same forms without what they remember of the row."""
    _user, row = user_with_row()
    forms = [
        (client, give(row), filled(client.get(give(row)), tier="pro", days="2", reason="outage"))
        for client in staff_clients(6)
    ]

    together([(client, url, {**form, "form_versions": ""}) for client, url, form in forms])

    assert Grant.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_eight_times_at_once_acts_once():
    _user, row = user_with_row()
    (client,) = staff_clients(1)
    form = filled(client.get(give(row)), tier="pro", days="2", reason="outage")

    answers = together([(client, give(row), form)] * 8)

    assert Grant.objects.count() == 1
    assert [answer.status_code for answer in answers] == [302] * 8


@pytest.mark.django_db(transaction=True)
def test_eight_forms_that_are_not_the_same_act_eight_times():
    """Control: without the token, and as if nobody had looked at the row."""
    _user, row = user_with_row()
    (client,) = staff_clients(1)
    form = {"tier": "pro", "days": "2", "reason": "outage"}

    together([(client, give(row), form)] * 8)

    assert Grant.objects.count() == 8


@pytest.mark.django_db
def test_the_second_click_is_told_what_the_first_has_done(page):
    _user, row = user_with_row()
    form = filled(page.get(give(row)), tier="pro", days="2", reason="outage")

    texts = [page.post(give(row), form, follow=True).text for _click in range(2)]

    assert "1 done." in texts[0]
    assert "This form had been sent already: 1 done then, nothing more now." in texts[1]


@pytest.mark.django_db
def test_a_form_that_was_refused_may_be_sent_again(page):
    """Its token goes with what it has not done."""
    user, row = user_with_row()
    form = filled(page.get(give(row)), tier="extend", days="2", reason="outage")

    refused = page.post(give(row), form, follow=True)
    subscriptions.upgrade_subscription.blocking(user.pk, "premium")
    answer = page.post(give(row), {**form, "form_versions": ""}, follow=True)

    assert "The user has no paid tier to extend." in refused.text
    assert "1 done." in answer.text
