"""`export_legacy`: one moment, whole or not at all, and nobody's file is overwritten."""

import json
import stat
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from faceitbot.core import clock
from faceitbot.legacy_export import exporting
from faceitbot.personal.erasing import erase_person
from subscriptions import granting
from subscriptions.repositories import SubscriptionRepository
from tests.faceitbot.legacy_check.old_bot import run
from users.models import User
from users.repositories import UserRepository

people, access = UserRepository(), SubscriptionRepository()


def exported(path: Path) -> list[dict[str, Any]]:
    users: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["users"]
    return users


@pytest.mark.django_db
def test_nobody_is_a_file_too(tmp_path: Path):
    outcome = run("export_legacy", tmp_path / "out.json")

    assert (outcome.code, outcome.said) == (0, f"0 users written to {tmp_path / 'out.json'}.\n")
    assert exported(tmp_path / "out.json") == []


@pytest.mark.django_db
def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path):
    path = tmp_path / "out.json"
    path.write_text("precious")

    refused = run("export_legacy", path)

    assert (refused.code, refused.said) == (2, f"Nothing written: {path} exists already.")
    assert path.read_text() == "precious"
    assert run("export_legacy", path, "--force").code == 0
    assert exported(path) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.django_db
def test_what_cannot_be_written_is_said(tmp_path: Path):
    outcome = run("export_legacy", tmp_path / "nowhere" / "out.json")

    assert outcome.code == 2
    assert outcome.said.endswith("nowhere/out.json: No such file or directory.")


@pytest.mark.django_db
def test_an_export_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    people.create_user.blocking(7)
    path = tmp_path / "out.json"
    path.write_text("precious")

    def interrupt(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "record_of", interrupt)
    outcome = run("export_legacy", path, "--force")

    assert (outcome.code, outcome.said) == (130, "Interrupted; run it again.")
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.django_db
def test_who_was_erased_is_left_out_and_what_has_no_room_is_said(tmp_path: Path):
    user = {number: people.create_user.blocking(number) for number in range(1, 5)}
    erase_person(1, reason="asked for it")
    User.objects.filter(telegram_id=2).update(blocked_at=clock.now())
    access.upgrade_subscription.blocking(user[3].pk, "premium", 60)
    access.upgrade_subscription.blocking(user[3].pk, "pro", 30)
    assert access.apply_referral.blocking(
        user[3].pk, access.generate_referral_code.blocking(user[4].pk)
    ).success

    outcome = run("export_legacy", tmp_path / "out.json")

    assert outcome.code == 0
    assert outcome.said.splitlines() == [
        "1 people who were erased are left out.",
        "1 users are blocked here; the file does not say so.",
        "1 users have access behind a higher tier; the file names that one only.",
        f"3 users written to {tmp_path / 'out.json'}.",
    ]
    records = exported(tmp_path / "out.json")
    assert [record["user_id"] for record in records] == [2, 3, 4]
    bought, owner = records[1]["subscription"], records[2]["subscription"]
    assert (bought["tier"], bought["payment_method"], bought["referred_by"]) == ("pro", "telegram_stars", 4)
    assert bought["expires_at"] > (clock.now() + timedelta(days=29)).isoformat()
    assert (owner["tier"], owner["referrals_count"]) == ("premium", 1)


@pytest.mark.django_db
def test_the_day_of_todays_requests_is_not_lost(tmp_path: Path):
    user = people.create_user.blocking(7)
    access.consume_request.blocking(user.pk)

    run("export_legacy", tmp_path / "out.json")

    (record,) = exported(tmp_path / "out.json")
    assert record["subscription"]["daily_requests"] == 1
    assert record["subscription"]["last_reset_date"] == f"{clock.today()}T00:00:00"


@pytest.mark.django_db(transaction=True)
def test_all_of_it_is_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Control: without the snapshot, what is granted meanwhile appears at some users and not at others."""
    found: dict[bool, list[str]] = {}
    for together in (True, False):
        if not together:
            monkeypatch.setattr(exporting, "one_moment", nullcontext)
        found[together] = tiers_while_somebody_grants(
            tmp_path / f"{together}.json", monkeypatch, int(together)
        )

    assert found == {True: ["free", "free"], False: ["free", "pro"]}


def tiers_while_somebody_grants(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> list[str]:
    """Export two users, one by one; when the first is read, the second is given access."""
    first, second = (people.create_user.blocking(2 * number + n) for n in (1, 2))
    right = granting.grants_of
    other = connection.copy()

    def grants_of(user_ids: Any) -> Any:
        found = right(user_ids)
        if first.pk in found:
            with other.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO grants (id, user_id, tier, source, reason, revoke_reason, starts_at,"
                    " created_at) VALUES (gen_random_uuid(), %s, 'pro', 'legacy', '', '', %s, %s)",
                    [second.pk, "2025-01-01", "2025-01-01"],
                )
        return found

    with monkeypatch.context() as patched:
        patched.setattr(exporting, "grants_of", grants_of)
        patched.setattr(exporting, "USERS_AT_ONCE", 1)
        try:
            run("export_legacy", path)
        finally:
            other.close()
    tiers = {record["user_id"]: record["subscription"]["tier"] for record in exported(path)}
    return [tiers[2 * number + n] for n in (1, 2)]
