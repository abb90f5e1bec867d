"""`manage.py ensure_staff_login` makes an account once and never changes one."""

import io
import sys

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def ensure(monkeypatch: pytest.MonkeyPatch, password: str, **options: str) -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    said = io.StringIO()
    call_command("ensure_staff_login", "admin", stdout=said, **options)
    return said.getvalue()


def test_the_account_is_made_with_the_password_of_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    said = ensure(monkeypatch, "first secret")

    account = User.objects.get()
    assert said == "Staff login admin was made.\n"
    assert (account.username, account.is_superuser, account.is_staff) == ("admin", True, True)
    assert account.check_password("first secret")


def test_a_role_takes_the_place_of_every_right(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure(monkeypatch, "first secret", role="finance")

    account = User.objects.get()
    assert (account.is_superuser, account.is_staff) == (False, True)
    assert [group.name for group in account.groups.all()] == ["finance"]


def test_a_second_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure(monkeypatch, "first secret")
    before = User.objects.values().get()

    said = ensure(monkeypatch, "first secret")

    assert said == "Staff login admin is there.\n"
    assert User.objects.values().get() == before


def test_a_password_changed_in_the_admin_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure(monkeypatch, "first secret")
    before = User.objects.values().get()

    said = ensure(monkeypatch, "another secret")

    assert said == "Staff login admin is there with another password.\n"
    assert User.objects.values().get() == before


def test_an_empty_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match=r"^The standard input gave no password\.$"):
        ensure(monkeypatch, "")

    assert User.objects.count() == 0
