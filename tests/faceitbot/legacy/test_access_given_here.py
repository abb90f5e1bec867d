"""Access that was given here before the time of a file is not given again because the file names it."""

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from faceitbot.core import clock
from faceitbot.models import ImportRun, UndecidedAccess
from subscriptions.granting import store_projections
from subscriptions.models import Grant, GrantSource, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.faceitbot.legacy.conftest import WriteFile
from tests.faceitbot.legacy.importing import AS_OF, Outcome, run_import, stored_rows
from tests.faceitbot.legacy_check.old_bot import run
from tests.factories import GrantFactory, StaffFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db

FILE_TIME = datetime.fromisoformat(AS_OF)
BEFORE, AFTER = FILE_TIME - timedelta(days=9), FILE_TIME + timedelta(days=1)
NAMED: dict[str, Any] = {
    "user_id": 7,
    "subscription": {"tier": "premium", "expires_at": "2099-01-01T00:00:00Z"},
}
ENDED = {"user_id": 7, "subscription": {"tier": "premium", "expires_at": "2026-10-30T00:00:00Z"}}


@pytest.fixture
def user_id() -> UUID:
    return UserRepository().create_user.blocking(7).pk


def give(user_id: UUID, **values: Any) -> None:
    signed = {"source": GrantSource.ADMIN, "actor": StaffFactory(), "reason": "asked for"}
    GrantFactory(user=User.objects.get(pk=user_id), **signed, **values)
    store_projections([user_id])


def assert_sound() -> None:
    call_command("check_integrity", stdout=StringIO())


def exported_and_imported(path: Path) -> Outcome:
    """Go back to the old bot and come again, to the same database."""
    assert run("export_legacy", path, "--force").code == 0
    return run_import(path, as_of=clock.now().isoformat())


def test_a_purchase_that_went_to_the_old_bot_and_back_is_one(user_id, tmp_path: Path):
    SubscriptionRepository().upgrade_subscription.blocking(user_id, "premium", 30)
    ends_at = UserSubscription.objects.get().expires_at

    outcome = exported_and_imported(tmp_path / "back.json")

    assert Grant.objects.count() == 1
    assert UserSubscription.objects.get().expires_at == ends_at
    said = (
        "record 1 (line 3, user 7): the user was given access here before the time of the file, which may "
        "name that [access_given_here]: user imported, paid access NOT granted again, decide by hand."
    )
    assert outcome.said.splitlines()[0] == said
    told = UndecidedAccess.objects.get()
    assert (told.record, told.telegram_id, told.code, told.sentence) == (1, 7, "access_given_here", said)
    counts = ImportRun.objects.get().counts
    assert (counts["grants"], counts["undecided"]) == (0, 1)
    assert counts["notes"] == {"access_given_here": 1}
    assert_sound()


def test_coming_back_twice_changes_nothing_the_second_time(user_id, tmp_path: Path):
    SubscriptionRepository().upgrade_subscription.blocking(user_id, "premium", 30)
    path = tmp_path / "back.json"
    exported_and_imported(path)
    before = stored_rows()

    run_import(path, as_of=clock.now().isoformat())

    assert stored_rows() == before


def test_verifying_takes_it_for_no_fault(user_id, tmp_path: Path):
    SubscriptionRepository().upgrade_subscription.blocking(user_id, "premium", 30)
    exported_and_imported(tmp_path / "back.json")

    outcome = run("verify_import", tmp_path / "back.json")

    assert outcome.code == 0
    assert "changed since, grant: 1" in outcome.said


def test_an_exported_sum_of_legacy_access_and_a_purchase_is_what_it_was(
    tmp_path: Path, write_file: WriteFile
):
    run_import(write_file([NAMED]))
    user_id = User.objects.get().pk
    SubscriptionRepository().upgrade_subscription.blocking(user_id, "premium", 30)
    ends_at = UserSubscription.objects.get().expires_at

    outcome = exported_and_imported(tmp_path / "back.json")

    assert "access_differs" not in outcome.said
    assert UserSubscription.objects.get().expires_at == ends_at
    assert run("verify_import", tmp_path / "back.json").code == 0
    assert_sound()


def test_what_has_ended_on_both_sides_is_no_matter_for_a_person(write_file: WriteFile):
    run_import(write_file([ENDED]))

    outcome = run_import(write_file([{"user_id": 7, "subscription": {"tier": "free"}}]))

    assert "access_differs" not in outcome.said
    assert not UndecidedAccess.objects.exists()


def test_a_rehearsal_says_the_same(user_id, write_file: WriteFile):
    give(user_id, created_at=BEFORE)

    outcome = run_import(write_file([NAMED]), "--dry-run")

    assert "[access_given_here]" in outcome.said
    assert Grant.objects.count() == 1


def test_what_has_ended_is_no_matter_for_a_person(user_id, write_file: WriteFile):
    give(user_id, created_at=BEFORE)

    outcome = run_import(write_file([ENDED]))

    assert outcome.said.splitlines()[:2] == ["note access_given_here: 1", "note expired: 1"]
    assert Grant.objects.count() == 1
    assert not UndecidedAccess.objects.exists()
    assert_sound()


@pytest.mark.parametrize(
    ("values", "grants"),
    [
        ({"created_at": BEFORE}, 1),
        ({"created_at": AFTER}, 2),
        ({"created_at": BEFORE, "revoked_at": AFTER, "revoke_reason": "refund"}, 1),
        ({"created_at": BEFORE, "revoked_at": BEFORE + timedelta(days=1), "revoke_reason": "refund"}, 2),
    ],
    ids=["before", "after", "revoked after", "revoked before"],
)
def test_only_what_the_file_may_name_keeps_its_access_back(user_id, write_file: WriteFile, values, grants):
    give(user_id, **values)

    run_import(write_file([NAMED]))

    assert Grant.objects.count() == grants
    path = write_file([NAMED])
    assert run("verify_import", path, "--as-of", AS_OF).code == 0


def test_an_interrupted_import_has_told_of_it_in_the_history(user_id, write_file: WriteFile, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    give(user_id, created_at=BEFORE)
    monkeypatch.setattr("faceitbot.legacy.writing._write_referrals", interrupt)
    referred = {**NAMED, "subscription": {**NAMED["subscription"], "referred_by": 8}}

    assert run_import(write_file([referred])).code == 130

    assert ImportRun.objects.get().state == "interrupted"
    assert UndecidedAccess.objects.get().code == "access_given_here"
