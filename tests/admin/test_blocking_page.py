"""Blocking from the pages: with a reason, on record, and only by those who may."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from faceitbot.core.audit import history
from faceitbot.core.models import AuditEntry
from tests.factories import UserFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
LIST = reverse("admin:users_user_changelist")


def one(user, action="block"):
    return f"{LIST}{user.pk}/{action}/"


def chosen(users, action="block_selected", **more):
    return {"action": action, "_selected_action": [str(user.pk) for user in users], **more}


def messages(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def blocked():
    return set(User.objects.filter(blocked_at__isnull=False).values_list("telegram_id", flat=True))


def test_blocking_one_user_asks_first_and_names_him(page):
    user = UserFactory.create(telegram_id=5_000_000_007, faceit_nickname="s1mple")

    text = page.get(one(user)).text

    assert "Block this user?" in text
    assert "5000000007 · s1mple" in text
    assert blocked() == set()


def test_one_user_is_blocked_with_an_entry_that_his_page_shows(page, staff):
    user = UserFactory.create()

    answer = page.post(one(user), {"reason": "sells <b>accounts</b>"}, headers={"X-Request-ID": "click-1"})

    entry = AuditEntry.objects.get()
    assert answer.url == reverse("admin:users_user_change", args=[user.pk])
    assert messages(answer) == ["1 done."]
    assert (entry.actor, entry.action, entry.object_id, entry.reason, entry.correlation_id) == (
        staff,
        "user.blocked",
        str(user.pk),
        "sells <b>accounts</b>",
        "click-1",
    )
    assert "sells &lt;b&gt;accounts&lt;/b&gt;" in page.get(answer.url).text
    assert User.objects.get().is_blocked


def test_several_users_are_blocked_with_an_entry_each(page):
    users = [UserFactory.create(telegram_id=number) for number in (1, 2, 3)]
    UserFactory.create(telegram_id=4)

    asked = page.post(LIST, chosen(users))
    answer = page.post(LIST, chosen(users, reason="spam"))

    assert "Block these users?" in asked.text
    assert all(f'name="_selected_action" value="{user.pk}"' in asked.text for user in users)
    assert messages(answer) == ["3 done."]
    assert blocked() == {1, 2, 3}
    assert [len(history(user)) for user in users] == [1, 1, 1]


def test_who_was_blocked_already_is_counted_apart(page):
    users = [UserFactory.create(telegram_id=number) for number in (1, 2)]
    UserRepository().block_users.blocking([1], actor=None, reason="first")

    answer = page.post(LIST, chosen(users, reason="second"))

    assert messages(answer) == ["1 done.", "1 was so already."]
    assert [entry.reason for entry in history(users[0])] == ["first"]


def test_all_users_that_a_filter_shows_are_blocked_at_once(page):
    for number in range(1, 61):
        UserFactory.create(telegram_id=number, language="en")
    outside = UserFactory.create(telegram_id=99, language="ru")
    first = User.objects.get(telegram_id=1)

    answer = page.post(f"{LIST}?language=en", chosen([first], select_across="1", reason="spam"))

    assert messages(answer) == ["60 done."]
    assert blocked() == set(range(1, 61))
    assert history(outside) == []


def test_a_user_is_unblocked_with_a_reason(page):
    user = UserFactory.create(telegram_id=1)
    UserRepository().block_users.blocking([1], actor=None, reason="spam")

    answer = page.post(one(user, "unblock"), {"reason": "it was not him"})

    assert messages(answer) == ["1 done."]
    assert blocked() == set()
    assert [entry.action for entry in history(user)] == ["user.unblocked", "user.blocked"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "nul\x00", "esc\x1b"])
@pytest.mark.parametrize("way", ["one", "several"])
def test_without_a_proper_reason_nobody_is_blocked(page, reason, way):
    user = UserFactory.create()
    url, data = (one(user), {}) if way == "one" else (LIST, chosen([user]))

    answer = page.post(url, {**data, "reason": reason})

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["reason"]
    assert blocked() == set()
    assert AuditEntry.objects.count() == 0


def test_a_page_offers_the_one_action_that_changes_something(page):
    free, blocked_user = UserFactory.create(telegram_id=1), UserFactory.create(telegram_id=2)
    UserRepository().block_users.blocking([2], actor=None, reason="spam")

    def offered(user):
        text = page.get(reverse("admin:users_user_change", args=[user.pk])).text
        return [action for action in ("block", "unblock") if one(user, action) in text]

    assert offered(free) == ["block"]
    assert offered(blocked_user) == ["unblock"]


def test_blocking_a_user_who_is_gone_changes_nothing(page):
    user = UserFactory.create()
    url = one(user)
    user.delete()

    answer = page.post(url, {"reason": "spam"}, follow=True)

    assert answer.status_code == 200
    assert AuditEntry.objects.count() == 0


# ---- Who may


def test_an_onlooker_is_offered_no_action(onlooker):
    user = UserFactory.create()

    text = onlooker.get(LIST).text + onlooker.get(reverse("admin:users_user_change", args=[user.pk])).text

    assert "block_selected" not in text
    assert "/block/" not in text
    assert 'name="_save"' not in text


@pytest.mark.parametrize("action", ["block", "unblock"])
def test_an_onlooker_who_sends_the_form_all_the_same_is_refused(onlooker, action):
    user = UserFactory.create(telegram_id=1)
    if action == "unblock":
        UserRepository().block_users.blocking([1], actor=None, reason="spam")
    before = blocked()

    single = onlooker.post(one(user, action), {"reason": "spam"})
    onlooker.post(LIST, chosen([user], f"{action}_selected", reason="spam"))
    edit = onlooker.post(reverse("admin:users_user_change", args=[user.pk]), {"language": "en"})
    gone = onlooker.post(reverse("admin:users_user_delete", args=[user.pk]), {"post": "yes"})

    assert (single.status_code, edit.status_code, gone.status_code) == (403, 403, 403)
    assert blocked() == before
    assert User.objects.get().language == "ru"
    assert AuditEntry.objects.count() == len(before)


def test_nobody_gets_in_without_signing_in(client):
    user = UserFactory.create()

    answers = [client.get(LIST), client.post(one(user), {"reason": "spam"})]

    assert all(answer.url.startswith(reverse("admin:login")) for answer in answers)
    assert blocked() == set()
