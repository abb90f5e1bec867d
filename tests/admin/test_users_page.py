"""The pages of one bot user: they show him, and write through the repository."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse

from faceitbot.core import clock
from faceitbot.core.errors import Conflict
from faceitbot.core.transactions import transactional
from tests.factories import UserFactory
from users.models import User
from users.repositories import UserRepository
from users.signals import users_created

pytestmark = pytest.mark.django_db
NOT_ALLOWED = "Your role does not allow this."
ADD = reverse("admin:users_user_add")
repository = UserRepository()


def address(user, view="change"):
    return reverse(f"admin:users_user_{view}", args=[user.pk])


def messages(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def as_sent(page, user, **changes):
    """Give what the form sends back when staff change these fields of a page that was just opened."""
    answer = page.get(address(user), {"edit": "1"})
    form = answer.context["adminform"].form
    values: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if f'name="{bound.html_initial_name}"' in answer.text and value not in (None, False):
            values[bound.html_initial_name] = value
        values |= {bound.html_name: changes.get(bound.name, "" if value is None else value)}
    return {name: value for name, value in values.items() if value is not False}


def test_a_page_is_titled_with_what_staff_call_the_user(page):
    user = UserFactory.create(telegram_id=5_000_000_007, faceit_nickname="s1mple")

    title = re.search(r"<title>\s*(.*?)\s*</title>", page.get(address(user)).text, re.DOTALL)

    assert title[1].startswith("5000000007 · s1mple |")
    assert str(user) == f"bot user {user.pk}"


def test_the_chart_shows_the_last_ninety_days(page):
    user = UserFactory.create(telegram_id=1)
    moment = clock.now()
    repository.bulk_update_activity.blocking(
        [
            {"user_id": 1, "timestamp": moment, "requests": 3},
            {"user_id": 1, "timestamp": moment - timedelta(days=1), "requests": 2},
            {"user_id": 1, "timestamp": moment - timedelta(days=100), "requests": 9},
        ]
    )

    text = page.get(address(user)).text

    assert f"&quot;data&quot;: [{'0, ' * 88}2, 3]" in text


def test_a_user_who_was_silent_has_no_chart(page):
    user = UserFactory.create(telegram_id=1)

    assert "This user has made no request in this time." in page.get(address(user)).text


def test_a_page_shows_what_is_stored_and_asks_for_nothing(page):
    user = UserFactory.create(language="xx", last_checked_match_id="1-match")

    text = page.get(address(user)).text

    shown = dict(re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", text, re.DOTALL))
    assert (shown["Language"], shown["Notifications"]) == ("xx", "yes")
    assert "1-match" in shown["Last checked match"]
    assert [text.count(f'data-copy="{key}"') for key in (user.pk, user.telegram_id)] == [1, 1]
    assert "_save" not in text
    assert address(user, "delete") not in text


def test_what_is_stored_is_changed_on_a_form_of_its_own(page):
    user = UserFactory.create()
    link = re.search(r'href="(\S*\?edit=1)" class="step"', page.get(address(user)).text)

    answer = page.get(link[1])

    assert re.findall(r'type="submit"\s[^>]*name="(.*?)"', answer.text) == ["_save"]
    assert 'name="language"' in answer.text
    assert address(user, "delete") in answer.text
    assert "story" not in answer.context
    assert page.post(link[1], as_sent(page, user, language="en")).url == address(user)


def test_who_may_only_look_at_users_gets_no_form(onlooker):
    user = UserFactory.create()

    answer = onlooker.get(address(user), {"edit": "1"})

    assert "_save" not in answer.text
    assert [step.why_not for step in answer.context["steps"]] == [NOT_ALLOWED] * 2


def test_what_staff_change_is_stored(page):
    user = UserFactory.create(telegram_id=1, language="ru", faceit_nickname="old")

    answer = page.post(address(user), as_sent(page, user, language="en", faceit_nickname="new"))

    assert answer.status_code == 302
    stored = User.objects.get()
    assert (stored.language, stored.faceit_nickname) == ("en", "new")
    assert stored.updated_at > user.updated_at


def test_an_old_page_does_not_bring_back_what_the_bot_has_changed(page):
    user = UserFactory.create(telegram_id=1, language="ru", faceit_nickname="old")
    sent = as_sent(page, user, language="en")
    repository.link_faceit_account.blocking(1, user.faceit_player_id, "new")

    page.post(address(user), sent)

    stored = User.objects.get()
    assert (stored.language, stored.faceit_nickname) == ("en", "new")


def test_an_edit_of_what_somebody_else_has_changed_is_refused(page):
    user = UserFactory.create(telegram_id=1, faceit_nickname="old")
    sent = as_sent(page, user, faceit_nickname="mine")
    repository.link_faceit_account.blocking(1, user.faceit_player_id, "theirs")

    answer = page.post(address(user), sent)

    assert answer.context["errors"] == [
        ["Somebody has changed this meanwhile to “theirs”. Open the page again."]
    ]
    assert User.objects.get().faceit_nickname == "theirs"


def test_the_account_of_another_user_is_refused_in_the_form(page):
    other, user = UserFactory.create(), UserFactory.create()

    answer = page.post(address(user), as_sent(page, user, faceit_player_id=other.faceit_player_id))

    assert answer.status_code == 200
    assert "faceit_player_id" in answer.context["adminform"].form.errors
    assert User.objects.get(pk=user.pk).faceit_player_id == user.faceit_player_id


def test_a_nickname_with_a_control_character_is_refused_in_the_form(page):
    user = UserFactory.create(faceit_nickname="old")

    answer = page.post(address(user), as_sent(page, user, faceit_nickname="a\x1bb"))

    assert list(answer.context["adminform"].form.errors) == ["faceit_nickname"]
    assert User.objects.get().faceit_nickname == "old"


class TooLate(UserRepository):
    """Loses every race: somebody commits the same value between the form's look and the write."""

    @transactional()
    def update(self, id, obj_in):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE users SET language = 'xx'")
        raise Conflict("another user has this faceit_player_id", field="faceit_player_id")

    @transactional()
    def delete(self, id):
        raise Conflict("rows that must be kept depend on it")

    @transactional()
    def delete_batch(self, ids):
        raise Conflict("rows that must be kept depend on them")


@pytest.fixture
def losing(monkeypatch):
    """Let the pages work through that repository."""
    monkeypatch.setattr(admin.site.get_model_admin(User), "repository", TooLate())


def test_a_conflict_that_only_the_database_sees_becomes_a_message(page, losing):
    user = UserFactory.create(language="ru")

    answer = page.post(address(user), as_sent(page, user, language="en"))

    assert (answer.status_code, answer.url) == (302, address(user))
    assert messages(answer) == ["Another user has this faceit_player_id."]
    assert User.objects.get().language == "ru"


def test_a_row_that_must_be_kept_is_kept_with_a_message(page, losing):
    user = UserFactory.create()
    chosen = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}

    one = page.post(address(user, "delete"), {"post": "yes"})
    several = page.post(reverse("admin:users_user_changelist"), chosen)

    assert (one.status_code, several.status_code) == (302, 302)
    assert messages(one)[0] == "Rows that must be kept depend on it."
    assert messages(several)[-1] == "Rows that must be kept depend on them."
    assert User.objects.get() == user


# ---- New and gone


@pytest.fixture
def heard():
    """What the signal told, and whether a transaction was open."""
    told: list[tuple[list[Any], bool]] = []

    def listen(user_ids, **_):
        told.append((user_ids, connection.in_atomic_block))

    users_created.connect(listen)
    yield told
    users_created.disconnect(listen)


def test_a_new_user_is_made_as_the_bot_makes_them(page, heard):
    answer = page.post(ADD, {"telegram_id": str(2**52), "language": "en", "faceit_nickname": ""})

    user = User.objects.get()
    assert answer.status_code == 302
    assert (user.telegram_id, user.language, user.faceit_nickname) == (2**52, "en", None)
    assert heard == [([user.pk], True)]


@pytest.mark.parametrize("number", ["0", "-1", str(2**52 + 1), "1.5", "abc", ""])
def test_a_new_user_needs_a_telegram_id_that_can_be(page, heard, number):
    answer = page.post(ADD, {"telegram_id": number, "language": "en"})

    assert list(answer.context["adminform"].form.errors) == ["telegram_id"]
    assert (User.objects.count(), heard) == (0, [])


def test_a_telegram_id_that_is_registered_is_refused_in_the_form(page, heard):
    UserFactory.create(telegram_id=7)

    answer = page.post(ADD, {"telegram_id": "7", "language": "en"})

    assert list(answer.context["adminform"].form.errors) == ["telegram_id"]
    assert (User.objects.count(), heard) == (1, [])


def test_a_deleted_user_is_gone_with_his_activity(page):
    kept, user = UserFactory.create(), UserFactory.create(telegram_id=1)
    repository.update_last_activity.blocking(1)

    answer = page.post(address(user, "delete"), {"post": "yes"})

    assert answer.status_code == 302
    assert list(User.objects.all()) == [kept]


# ---- Somebody's nickname is not our markup

HOSTILE = "<img src=x onerror=alert(1)>"
PAGES: dict[str, Callable[[User], str]] = {
    "list": lambda _user: reverse("admin:users_user_changelist"),
    "page": address,
    "history": lambda user: address(user, "history"),
    "delete": lambda user: address(user, "delete"),
    "block": lambda user: f"{reverse('admin:users_user_changelist')}{user.pk}/block/",
}


@pytest.mark.parametrize("which", PAGES)
def test_a_nickname_that_looks_like_markup_is_shown_as_text(page, which):
    user = UserFactory.create(faceit_nickname=HOSTILE, language="<b>")

    text = page.get(PAGES[which](user)).text

    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "<img src=x" not in text
    assert "<b>" not in text
