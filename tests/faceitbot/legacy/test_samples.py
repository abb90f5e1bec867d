"""Real files of each shape come in with exactly the counts that they should."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from faceitbot.models import ImportRefusal, ImportRun
from tests.faceitbot.legacy.importing import run_import, stored_users
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "users", "linked", "active"),
    [
        ("A0.json", 25, 19, 0),
        ("A1.json", 1000, 688, 799),
        ("A2.json", 25, 19, 23),
        ("A3.json", 25, 19, 22),
        ("B.json", 25, 19, 20),
        ("C.json", 25, 15, 0),
        ("bom.json", 1, 1, 0),
    ],
)
def test_a_clean_file_comes_in_whole(samples: Path, name: str, users: int, linked: int, active: int):
    outcome = run_import(samples / name)

    assert outcome.code == 0
    assert outcome.said.splitlines()[-1] == (
        f"{users} records: {users} created, 0 updated, 0 unchanged, 0 newer in the database, 0 refused."
    )
    assert User.objects.count() == users
    assert User.objects.filter(faceit_player_id__isnull=False).count() == linked
    assert User.objects.filter(last_active_at__isnull=False).count() == active
    before = stored_users()
    assert run_import(samples / name).code == 0
    assert stored_users() == before


def test_the_first_user_of_a_file_has_its_values(samples: Path):
    run_import(samples / "A1.json")

    user = User.objects.get(telegram_id=52_000_000_000)
    assert (user.faceit_nickname, user.total_requests, user.language) == ("n0va0", 88, "ru")
    assert user.created_at == datetime(2025, 5, 27, 18, 37, 30, 592921, tzinfo=UTC)
    assert user.last_active_at == datetime(2025, 10, 11, 18, 37, 30, 129815, tzinfo=UTC)


def test_each_record_of_the_dirty_file_meets_its_fate(samples: Path):
    outcome = run_import(samples / "dirty.json")

    assert outcome.code == 1
    assert list(ImportRefusal.objects.values_list("record", "code")) == [
        (3, "duplicate_user"),
        (4, "id_missing"),
        (5, "id_not_integer"),
        (6, "id_out_of_range"),
        (7, "id_out_of_range"),
        (8, "id_not_integer"),
        (21, "not_an_object"),
        (22, "not_an_object"),
    ]
    assert ImportRun.objects.get().counts["notes"] == {
        "date_unreadable": 1,
        "extra_keys": 1,
        "faceit_taken": 1,
        "id_as_text": 1,
        "text_cleaned": 1,
        "text_too_long": 1,
    }
    users = User.objects.order_by("telegram_id")
    assert [user.telegram_id for user in users] == [1001, 1002, *range(1004, 1016)]
    by_id = {user.telegram_id: user for user in users}
    assert by_id[1001].faceit_nickname == "first"
    assert (by_id[1008].faceit_player_id, by_id[1008].faceit_nickname) == (None, None)
    assert by_id[1009].created_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert by_id[1009].last_active_at is None
    assert (by_id[1014].faceit_nickname, by_id[1014].language) == ("nulinside", "ru")


def test_the_cut_file_is_refused(samples: Path):
    outcome = run_import(samples / "truncated.json")

    assert outcome.code == 2
    assert outcome.said == (
        "Nothing imported: line 630, column 3: the file is cut: it ends within record 28, "
        "which begins in line 624."
    )
    assert not User.objects.exists()
