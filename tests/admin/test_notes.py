"""Notes that staff write about a user: read by all of them, changed by nobody, gone with the person."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from faceitbot.core.audit import history
from faceitbot.core.errors import InvalidInput
from tests.admin.forms import filled
from users.errors import UserNotFound
from users.models import UserNote
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
users = UserRepository()


@pytest.fixture
def user():
    return users.create_user.blocking(7)


def test_a_note_is_shown_on_the_users_page(page, staff, user):
    url = reverse("admin:users_user_note", args=[user.pk])

    page.post(url, filled(page.get(url), text="Calls twice a day.\n<b>Be kind.</b>"))

    (note,) = users.get_notes.blocking(user.pk)
    assert (note.text, note.author) == ("Calls twice a day.\n<b>Be kind.</b>", staff)
    assert "&lt;b&gt;Be kind.&lt;/b&gt;" in page.get(reverse("admin:users_user_change", args=[user.pk])).text
    (entry,) = history(user)
    assert (entry.action, entry.actor, entry.reason, entry.after) == ("user.noted", staff, "", {})


def test_notes_come_newest_first(staff, user):
    for text in ("one", "two", "three"):
        users.add_note.blocking(user.pk, text, actor=staff)

    assert [note.text for note in users.get_notes.blocking(user.pk, limit=2)] == ["three", "two"]


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2001, "nul\x00", "esc\x1b[31m", 7])
def test_a_note_that_cannot_be_stored_is_refused(staff, user, text):
    with pytest.raises(InvalidInput, match="text"):
        users.add_note.blocking(user.pk, text, actor=staff)

    assert UserNote.objects.count() == 0


def test_nothing_is_written_about_the_erased(staff, user):
    users.forget_identity.blocking(user.pk)

    with pytest.raises(UserNotFound):
        users.add_note.blocking(user.pk, "who was that?", actor=staff)


@pytest.mark.parametrize("statement", ["UPDATE user_notes SET text = 'better'", "DELETE FROM user_notes"])
def test_the_database_refuses_to_rewrite_a_note(staff, user, statement):
    users.add_note.blocking(user.pk, "as it was", actor=staff)

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert UserNote.objects.get().text == "as it was"


def test_an_onlooker_writes_none(onlooker, user):
    url = reverse("admin:users_user_note", args=[user.pk])

    assert onlooker.post(url, {"text": "mine"}).status_code == 403
