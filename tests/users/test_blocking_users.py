"""Blocking: with a reason, once, and on record."""

import pytest
from django.db import IntegrityError, connection, transaction

from faceitbot.core.audit import history
from faceitbot.core.correlation import correlation
from faceitbot.core.errors import InvalidInput
from faceitbot.core.models import AuditEntry
from tests.factories import StaffFactory, UserFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
repository = UserRepository()


def test_blocking_writes_one_entry_for_each_user_who_was_not_blocked():
    staff = StaffFactory()
    users = [UserFactory(telegram_id=number) for number in (1, 2, 3)]
    repository.block_users.blocking([1], actor=None, reason="first")

    with correlation("click-1"):
        changed = repository.block_users.blocking([1, 2, 3, 4], actor=staff, reason="  spam ")

    assert {user.telegram_id for user in changed} == {2, 3}
    assert all(user.is_blocked for user in User.objects.all())
    entry = history(users[1])[0]
    assert (entry.action, entry.actor, entry.reason, entry.correlation_id) == (
        "user.blocked",
        staff,
        "spam",
        "click-1",
    )
    assert entry.before == {"blocked_at": None}
    assert entry.after == {"blocked_at": User.objects.get(telegram_id=2).blocked_at.isoformat()}
    assert AuditEntry.objects.count() == 3


def test_unblocking_undoes_it_and_keeps_the_history():
    user = UserFactory(telegram_id=1)
    repository.block_users.blocking([1], actor=None, reason="spam")

    repository.unblock_users.blocking([1], actor=None, reason="sorry")

    assert not User.objects.get().is_blocked
    assert [entry.action for entry in history(user)] == ["user.unblocked", "user.blocked"]


@pytest.mark.parametrize("reason", ["", "   ", None, "x" * 501, "nul\x00"])
def test_without_a_proper_reason_nothing_happens(reason):
    UserFactory(telegram_id=1)

    with pytest.raises(InvalidInput, match="reason"):
        repository.block_users.blocking([1], actor=None, reason=reason)

    assert not User.objects.get().is_blocked
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET reason = 'other'", "DELETE FROM audit_entries"]
)
def test_the_audit_log_takes_no_change(statement):
    user = UserFactory(telegram_id=1)
    repository.block_users.blocking([1], actor=None, reason="spam")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)

    assert [entry.reason for entry in history(user)] == ["spam"]
