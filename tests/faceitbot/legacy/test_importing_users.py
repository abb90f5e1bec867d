"""Imported users: what is new comes in, what is equal stays untouched, what is newer here is kept."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError
from django.dispatch import receiver

from faceitbot.core.errors import Conflict
from faceitbot.models import ImportRun
from tests.faceitbot.legacy.conftest import WriteFile
from tests.faceitbot.legacy.importing import run_import, stored_users
from tests.factories import UserFactory
from users.imported_user import ImportedUser
from users.importing import upsert_imported_users
from users.models import User
from users.signals import users_created

pytestmark = pytest.mark.django_db

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE, AFTER = AS_OF - timedelta(days=1), AS_OF + timedelta(days=1)


def summary(created: int = 0, updated: int = 0, unchanged: int = 0, newer: int = 0, refused: int = 0) -> str:
    total = created + updated + unchanged + newer + refused
    return (
        f"{total} records: {created} created, {updated} updated, {unchanged} unchanged, "
        f"{newer} newer in the database, {refused} refused.\n"
    )


def test_a_new_user_has_every_column_of_the_file(write_file: WriteFile):
    path = write_file(
        [
            {
                "user_id": 5_000_000_000,
                "faceit_player_id": "p",
                "faceit_nickname": "Жук",
                "last_checked_match_id": "1-m",
                "waiting_for_nickname": True,
                "language": "en",
                "notifications_enabled": False,
                "created_at": "2025-01-02T06:04:05",
                "last_active_at": "2025-06-01T12:00:00Z",
                "total_requests": 88,
            }
        ]
    )

    outcome = run_import(path)

    assert (outcome.code, outcome.said) == (0, summary(created=1))
    user = User.objects.get()
    assert isinstance(user.pk, UUID)
    assert User.objects.values().get() == {
        "id": user.pk,
        "telegram_id": 5_000_000_000,
        "faceit_player_id": "p",
        "faceit_nickname": "Жук",
        "last_checked_match_id": "1-m",
        "waiting_for_nickname": True,
        "language": "en",
        "notifications_enabled": False,
        "total_requests": 88,
        "blocked_at": None,
        "bot_blocked_at": None,
        "erased_at": None,
        "created_at": datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        "updated_at": datetime(2025, 6, 1, 12, tzinfo=UTC),
        "last_active_at": datetime(2025, 6, 1, 12, tzinfo=UTC),
    }


def test_who_has_no_dates_counts_as_registered_by_the_files_time(write_file: WriteFile):
    run_import(write_file([{"user_id": 7}]))

    user = User.objects.get()
    assert (user.created_at, user.last_active_at) == (AS_OF, None)
    assert user.updated_at == AS_OF - timedelta(microseconds=1)


def test_a_second_import_touches_no_row(write_file: WriteFile):
    path = write_file([{"user_id": 1}, {"user_id": 2, "faceit_player_id": "p", "created_at": 1735787045}])
    run_import(path)
    before = stored_users()

    outcome = run_import(path)

    assert (outcome.code, outcome.said) == (0, summary(unchanged=2))
    assert stored_users() == before


def test_a_corrected_file_overwrites_what_it_brought(write_file: WriteFile):
    run_import(write_file([{"user_id": 1, "total_requests": 3}, {"user_id": 2, "language": "en"}]))
    first = stored_users()

    outcome = run_import(write_file([{"user_id": 1, "total_requests": 2}, {"user_id": 2, "language": "en"}]))

    assert outcome.said == summary(updated=1, unchanged=1)
    corrected, untouched = stored_users()
    assert corrected == {**first[0], "xmin": corrected["xmin"], "total_requests": 2}
    assert untouched == first[1]


@pytest.mark.parametrize("changed_at", [AS_OF, AFTER])
def test_who_changed_here_after_the_files_time_is_left_alone(write_file: WriteFile, changed_at: datetime):
    UserFactory(telegram_id=7, faceit_nickname="live", updated_at=changed_at)
    before = stored_users()

    outcome = run_import(write_file([{"user_id": 7, "faceit_nickname": "old"}]))

    assert (outcome.code, outcome.said) == (0, summary(newer=1))
    assert stored_users() == before


def test_who_changed_here_before_the_files_time_is_overwritten_but_keeps_what_the_file_has_not(
    write_file: WriteFile,
):
    UserFactory(telegram_id=7, created_at=BEFORE, updated_at=BEFORE, blocked_at=BEFORE, total_requests=1)
    key = User.objects.get().pk

    outcome = run_import(write_file([{"user_id": 7, "total_requests": 9, "last_active_at": "2026-01-01"}]))

    assert outcome.said == summary(updated=1)
    stored = User.objects.get()
    assert (stored.pk, stored.blocked_at, stored.created_at) == (key, BEFORE, BEFORE)
    assert (stored.total_requests, stored.faceit_player_id, stored.updated_at) == (9, None, BEFORE)


def test_of_two_records_with_one_id_the_first_wins(write_file: WriteFile):
    path = write_file([{"user_id": 7, "language": "en"}, {"user_id": 7, "language": "kk"}])

    outcome = run_import(path)

    assert outcome.code == 1
    refusal, counts = outcome.said.splitlines(keepends=True)
    assert refusal.endswith(" the user stands in record 1 already [duplicate_user]: user not imported.\n")
    assert counts == summary(created=1, refused=1)
    assert User.objects.get().language == "en"


def test_of_two_owners_of_one_faceit_account_the_first_keeps_it(write_file: WriteFile):
    path = write_file(
        [
            {"user_id": 7, "faceit_player_id": "p", "faceit_nickname": "first"},
            {
                "user_id": 8,
                "faceit_player_id": "p",
                "faceit_nickname": "second",
                "last_checked_match_id": "1-m",
            },
        ]
    )

    outcome = run_import(path)

    assert (outcome.code, outcome.said) == (0, "note faceit_taken: 1\n" + summary(created=2))
    columns = ("telegram_id", "faceit_player_id", "faceit_nickname", "last_checked_match_id")
    assert list(User.objects.order_by("telegram_id").values_list(*columns)) == [
        (7, "p", "first", None),
        (8, None, None, None),
    ]


def test_a_faceit_account_that_belongs_to_somebody_here_stays_with_him(write_file: WriteFile):
    UserFactory(telegram_id=9, faceit_player_id="p", updated_at=BEFORE)
    path = write_file([{"user_id": 7, "faceit_player_id": "p", "faceit_nickname": "n"}])

    outcome = run_import(path)
    again = run_import(path)

    assert outcome.said == "note faceit_taken: 1\n" + summary(created=1)
    assert again.said == "note faceit_taken: 1\n" + summary(unchanged=1)
    assert dict(User.objects.values_list("telegram_id", "faceit_player_id")) == {7: None, 9: "p"}


@pytest.mark.parametrize("batch_size", ["1", "2"])
def test_accounts_that_changed_hands_go_to_their_new_owners(write_file: WriteFile, batch_size: str):
    run_import(write_file([{"user_id": 7, "faceit_player_id": "a"}, {"user_id": 8, "faceit_player_id": "b"}]))
    swapped = write_file([{"user_id": 7, "faceit_player_id": "b"}, {"user_id": 8, "faceit_player_id": "a"}])

    outcome = run_import(swapped, "--batch-size", batch_size)

    assert outcome.said == summary(updated=2)
    assert dict(User.objects.values_list("telegram_id", "faceit_player_id")) == {7: "b", 8: "a"}


def test_new_users_are_announced_once_and_old_ones_never(write_file: WriteFile):
    announced: list[UUID] = []
    UserFactory(telegram_id=7, updated_at=BEFORE)

    @receiver(users_created)
    def listen(user_ids, **_):
        announced.extend(user_ids)

    path = write_file([{"user_id": number} for number in (7, 8, 9)])
    run_import(path)
    run_import(path)

    assert sorted(announced) == sorted(User.objects.filter(telegram_id__gt=7).values_list("pk", flat=True))


def test_a_receiver_that_raises_undoes_the_batch(write_file: WriteFile):
    @receiver(users_created)
    def refuse(**_):
        raise DatabaseError("refused")

    with pytest.raises(DatabaseError):
        run_import(write_file([{"user_id": 7}]))

    assert not User.objects.exists()


def test_a_dry_run_tells_the_same_and_writes_nothing(write_file: WriteFile):
    path = write_file([{"user_id": 7}, {"user_id": "x"}])

    outcome = run_import(path, "--dry-run")

    assert outcome.code == 1
    assert outcome.said.splitlines()[-1] == "Dry run, nothing written: " + summary(created=1, refused=1)[:-1]
    assert not User.objects.exists()
    assert not ImportRun.objects.exists()


def test_an_error_of_the_driver_is_one_of_ours():
    """COPY talks to the driver past Django."""
    user = ImportedUser(7, None, None, None, False, "ru", True, 0, None, None)

    with pytest.raises(Conflict):
        upsert_imported_users([user, user], AS_OF)

    assert not User.objects.exists()
