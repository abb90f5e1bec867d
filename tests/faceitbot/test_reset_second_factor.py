"""`manage.py reset_second_factor` helps the admin whom no other admin can help."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from faceitbot.accounts import second_factor
from faceitbot.core.models import AuditEntry
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


def reset(name):
    said = StringIO()
    call_command("reset_second_factor", name, reason="lost his phone", stdout=said)
    return said.getvalue()


def test_the_phone_is_forgotten_and_the_log_says_why():
    boss = StaffFactory.create(username="boss")
    second_factor.begin(boss)

    assert reset("boss") == "boss sets up a new phone at the next login.\n"

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.object_id, entry.reason) == (
        "account.second_factor_reset",
        None,
        str(boss.pk),
        "lost his phone",
    )


def test_where_there_is_none_nothing_is_done():
    StaffFactory.create(username="boss")

    assert reset("boss") == "boss had no second factor.\n"
    assert not AuditEntry.objects.exists()


def test_a_name_that_nobody_has_is_told():
    with pytest.raises(CommandError, match=r"^There is no staff account nobody\.$") as told:
        reset("nobody")

    assert told.value.returncode == 2
