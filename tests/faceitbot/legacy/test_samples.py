"""Real files of each shape come in with exactly the counts that they should."""

from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from faceitbot.models import ImportRefusal, ImportRun, UndecidedAccess
from subscriptions.models import Grant, Referral, UserSubscription
from tests.faceitbot.legacy.importing import run_import, stored_rows
from users.models import User

pytestmark = pytest.mark.django_db


@dataclass
class Whole:
    """What a clean file holds, counted by other means."""

    users: int
    linked: int
    active: int
    grants: int = 0
    for_ever: int = 0
    referrals: int = 0
    codes: int = 0


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("A0.json", Whole(25, 19, 0)),
        ("A1.json", Whole(1000, 688, 799, 200, 23, 45, 322)),
        ("A2.json", Whole(25, 19, 23)),
        ("A3.json", Whole(25, 19, 22, 1, 0, 1, 4)),
        ("B.json", Whole(25, 19, 20, 1, 0, 2, 7)),
        ("C.json", Whole(25, 15, 0, 15, 15)),
        ("bom.json", Whole(1, 1, 0)),
    ],
)
def test_a_clean_file_comes_in_whole(samples: Path, name: str, whole: Whole):
    outcome = run_import(samples / name)

    assert outcome.code == 0
    assert outcome.said.splitlines()[-1] == (
        f"{whole.users} records: {whole.users} created, 0 updated, 0 unchanged, 0 newer in the database, "
        f"0 refused."
    )
    assert whole == Whole(
        users=User.objects.count(),
        linked=User.objects.filter(faceit_player_id__isnull=False).count(),
        active=User.objects.filter(last_active_at__isnull=False).count(),
        grants=Grant.objects.count(),
        for_ever=Grant.objects.filter(duration=None).count(),
        referrals=Referral.objects.count(),
        codes=UserSubscription.objects.exclude(referral_code=None).count(),
    )
    call_command("check_integrity", stdout=StringIO())
    before = stored_rows()
    assert run_import(samples / name).code == 0
    assert stored_rows() == before


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
        "code_duplicate": 1,
        "code_invalid": 2,
        "counter_negative": 1,
        "date_unreadable": 1,
        "expired": 1,
        "expiry_on_free": 1,
        "extra_keys": 1,
        "faceit_taken": 1,
        "id_as_text": 1,
        "referrer_unknown": 1,
        "subscription_unreadable": 1,
        "text_cleaned": 1,
        "text_too_long": 1,
        "tier_unknown": 1,
    }
    assert list(UndecidedAccess.objects.values_list("record", "code")) == [
        (10, "subscription_unreadable"),
        (12, "tier_unknown"),
    ]
    grants = Grant.objects.order_by("user__telegram_id")
    assert [(grant.user.telegram_id, grant.tier) for grant in grants] == [
        (1006, "pro"),
        (1010, "premium"),
        (1012, "premium"),
    ]
    paid = UserSubscription.objects.exclude(tier="free").order_by("user__telegram_id")
    assert [(row.user.telegram_id, row.tier, row.expires_at) for row in paid] == [
        (1006, "pro", None),
        (1012, "premium", datetime(2098, 12, 31, 19, tzinfo=UTC)),
    ]
    codes = UserSubscription.objects.exclude(referral_code=None)
    assert list(codes.values_list("user__telegram_id", "referral_code")) == [(1010, "SAMECODE")]
    # The referrer stands further down in the file.
    referrals = Referral.objects.values_list("referee__telegram_id", "referrer__telegram_id")
    assert list(referrals) == [(1012, 1013)]
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
