"""Who came by whom: referrals of the old bot are kept, counted, and give nothing a second time."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from faceitbot.models import ImportRun
from subscriptions.models import Grant, Referral, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.faceitbot.legacy.conftest import WriteFile
from tests.faceitbot.legacy.importing import run_import
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db


def record(telegram_id: int, referred_by: object = None, code: str | None = None) -> Any:
    subscription = {"referred_by": referred_by, "referral_code": code, "referrals_count": 99}
    return {"user_id": telegram_id, "created_at": "2025-01-02T03:04:05Z", "subscription": subscription}


def registered(telegram_id: int) -> User:
    return UserRepository().create_user.blocking(telegram_id)


def pairs() -> dict[int, int]:
    return dict(Referral.objects.values_list("referee__telegram_id", "referrer__telegram_id"))


def shown() -> dict[int | None, tuple[int | None, int]]:
    rows = UserSubscription.objects.values_list(
        "user__telegram_id", "referred_by__telegram_id", "referrals_count"
    )
    return {telegram_id: (referrer, count) for telegram_id, referrer, count in rows}


def assert_sound() -> None:
    call_command("check_integrity", stdout=StringIO())


def test_referrals_come_in_also_to_later_records(write_file: WriteFile):
    outcome = run_import(
        write_file([record(1, 3), record(2, 3), record(3, None, "CODE"), record(4, 2)]), "--batch-size", "1"
    )

    assert outcome.code == 0
    assert pairs() == {1: 3, 2: 3, 4: 2}
    assert shown() == {1: (3, 0), 2: (3, 1), 3: (None, 2), 4: (2, 0)}
    referral = Referral.objects.get(referee__telegram_id=1)
    assert (referral.code, referral.referrer_days, referral.referee_days) == ("CODE", 0, 0)
    assert referral.created_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert not Grant.objects.exists()
    assert ImportRun.objects.get().counts["referrals"] == 3
    assert_sound()


def test_two_who_referred_each_other_both_count(write_file: WriteFile):
    run_import(write_file([record(1, 2), record(2, 1)]))

    assert shown() == {1: (2, 1), 2: (1, 1)}
    assert_sound()


def test_a_referrer_may_be_in_the_database_alone(write_file: WriteFile):
    registered(9)

    run_import(write_file([record(1, 9)]))

    assert pairs() == {1: 9}
    assert_sound()


def test_a_referrer_who_is_nowhere_is_noted(write_file: WriteFile):
    outcome = run_import(write_file([record(1, 424242), {"user_id": -5}, record(2, 2)]))

    assert "note referrer_unknown: 2\n" in outcome.said
    assert pairs() == {}
    assert shown() == {1: (None, 0), 2: (None, 0)}


def test_who_came_by_a_code_here_keeps_that_referral(write_file: WriteFile):
    here, other = registered(1), registered(9)
    repository = SubscriptionRepository()
    code = repository.generate_referral_code.blocking(other.pk)
    assert repository.apply_referral.blocking(here.pk, code) == (True, None)

    run_import(write_file([record(1, 2), record(2)]))

    assert pairs() == {1: 9}
    assert_sound()


def test_a_second_import_adds_nothing_and_a_corrected_file_adds_what_was_missing(write_file: WriteFile):
    run_import(write_file([record(1, 2), record(2)]))
    before = list(Referral.objects.values())

    run_import(write_file([record(1, 3), record(2, 1), record(3)]))

    assert pairs() == {1: 2, 2: 1}
    assert list(Referral.objects.filter(referee__telegram_id=1).values()) == before
    assert_sound()


def test_an_erased_referrer_is_nobody(write_file: WriteFile):
    run_import(write_file([record(9)]))
    call_command("erase_user", "9", reason="asked", stdout=StringIO())
    assert User.objects.filter(telegram_id=None).count() == 1

    outcome = run_import(write_file([record(1, 9)]))

    assert "note referrer_unknown: 1\n" in outcome.said
    assert_sound()
