"""Actions on many rows: what is done, what was so already, what is refused and why."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from faceitbot.core import acting, clock, sent_forms
from faceitbot.core.models import SentForm
from subscriptions.models import Grant, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.admin.forms import filled, said
from tests.factories import StaffFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
SUBSCRIPTIONS = reverse("admin:subscriptions_usersubscription_changelist")
USERS = reverse("admin:users_user_changelist")
access, users = SubscriptionRepository(), UserRepository()


def people(number):
    return [users.create_user.blocking(n) for n in range(1, number + 1)]


def act(page, url, name, rows, **given):
    chosen = {"action": name, "_selected_action": [str(row.pk) for row in rows]}
    return page.post(url, filled(page.post(url, chosen), **given))


def rows_of(found):
    return [UserSubscription.objects.get(user=user) for user in found]


def test_subscriptions_of_many_users_are_extended_by_two_days(page):
    found = people(3)
    for user, tier in zip(found, ("premium", "pro", "pro"), strict=True):
        access.upgrade_subscription.blocking(user.pk, tier, 10)
    ends = {row.pk: row.expires_at for row in rows_of(found)}

    answer = act(
        page, SUBSCRIPTIONS, "give_to_selected", rows_of(found), tier="extend", days="2", reason="outage"
    )

    assert said(answer) == ["3 done."]
    assert {row.pk: row.expires_at - ends[row.pk] for row in rows_of(found)} == dict.fromkeys(
        ends, timedelta(days=2)
    )
    assert [row.tier for row in rows_of(found)] == ["premium", "pro", "pro"]


def test_what_is_refused_is_counted_by_its_reason(page, staff):
    found = people(14)
    access.upgrade_subscription.blocking(found[0].pk, "pro", 10)
    access.grant_access.blocking(found[1].pk, "pro", None, actor=staff, reason="founder", request_id="1")

    answer = act(
        page, SUBSCRIPTIONS, "give_to_selected", rows_of(found), tier="extend", days="2", reason="outage"
    )

    done, *refused = said(answer)
    assert done == "1 done."
    names = {text.split(" (")[0]: text.split(" (")[1].rstrip(")").split(", ") for text in refused}
    assert set(names) == {
        "12 refused: the user has no paid tier to extend",
        "1 refused: the user has this tier for ever",
    }
    assert names["1 refused: the user has this tier for ever"] == ["2"]
    no_tier = names["12 refused: the user has no paid tier to extend"]
    assert len(no_tier) == 11
    assert no_tier[-1] == "…"
    assert Grant.objects.filter(reason="outage").count() == 1


def test_counters_of_many_users_are_reset(page):
    found = people(3)
    for user in found:
        access.consume_request.blocking(user.pk)

    answer = act(page, SUBSCRIPTIONS, "reset_selected", rows_of(found), reason="a bug of ours")

    assert said(answer) == ["3 done."]
    assert {row.daily_requests for row in rows_of(found)} == {0}


def test_more_rows_than_one_transaction_should_hold_are_not_taken(page, monkeypatch):
    monkeypatch.setattr(acting, "MOST_ROWS", 2)
    found = people(3)
    chosen = {"action": "block_selected", "_selected_action": [str(user.pk) for user in found]}

    answer = page.post(USERS, chosen)

    assert said(answer) == ["At most 2 rows at once: choose fewer, or a narrower filter."]
    assert User.objects.filter(blocked_at__isnull=False).count() == 0


@pytest.mark.parametrize(
    ("url", "name"), [(USERS, "block_selected"), (SUBSCRIPTIONS, "reset_selected")], ids=["users", "access"]
)
def test_of_all_rows_only_as_many_are_read_as_show_that_they_are_too_many(page, monkeypatch, url, name):
    monkeypatch.setattr(acting, "MOST_ROWS", 2)
    found = people(9)
    row = found[0] if url == USERS else rows_of(found)[0]
    chosen = {"action": name, "select_across": "1", "_selected_action": [str(row.pk)]}

    with CaptureQueriesContext(connection) as queries:
        answer = page.post(url, chosen)

    assert said(answer) == ["At most 2 rows at once: choose fewer, or a narrower filter."]
    assert [query["sql"][-7:] for query in queries if "LIMIT 3" in query["sql"]] == ["LIMIT 3"]


def test_a_name_in_a_message_is_text(page):
    user = users.create_user.blocking(7, "player-1", "<img src=x onerror=alert(1)>")
    other = users.create_user.blocking(8)
    found = rows_of([user, other])
    chosen = {"action": "give_to_selected", "_selected_action": [str(row.pk) for row in found]}
    opened = page.post(SUBSCRIPTIONS, chosen)

    answer = page.post(SUBSCRIPTIONS, filled(opened, tier="extend", days="2", reason="outage"), follow=True)

    assert "<img src=x" not in opened.text + answer.text
    assert "&lt;img src=x" in answer.text


def test_old_forms_are_forgotten_when_new_ones_come(page):
    actor = StaffFactory.create()
    long_ago = clock.now() - sent_forms.KEPT_FOR - timedelta(minutes=1)
    yesterday = clock.now() - timedelta(days=1)
    old = SentForm.objects.create(token="4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11", actor=actor, at=long_ago)
    young = SentForm.objects.create(token="4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c12", actor=actor, at=yesterday)

    act(page, USERS, "block_selected", people(1), reason="spam")

    left = set(SentForm.objects.values_list("pk", flat=True))
    assert str(young.pk) in map(str, left)
    assert str(old.pk) not in map(str, left)
    assert len(left) == 2
