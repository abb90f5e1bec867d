"""Imported access: it is given once, shows at once, and never takes from anybody what he has here."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from faceitbot.core import clock
from faceitbot.models import ImportRun, UndecidedAccess
from subscriptions.models import Grant, GrantSource, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.faceitbot.legacy.conftest import WriteFile
from tests.faceitbot.legacy.importing import run_import, stored_rows
from tests.factories import OrderFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db

REGISTERED = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = datetime(2099, 1, 1, tzinfo=UTC)


def record(telegram_id: int = 7, *, created_at: str | None = "2025-01-02T03:04:05Z", **access: Any) -> Any:
    return {"user_id": telegram_id, "created_at": created_at, "subscription": access}


def subscription(telegram_id: int = 7) -> UserSubscription:
    return UserSubscription.objects.get(user__telegram_id=telegram_id)


def grant_values() -> list[tuple[Any, ...]]:
    rows = Grant.objects.order_by("user__telegram_id")
    return [(row.user.telegram_id, row.tier, row.starts_at, row.duration, row.source) for row in rows]


def assert_sound() -> None:
    call_command("check_integrity", stdout=StringIO())


def test_paid_access_is_a_grant_and_shows(write_file: WriteFile):
    run_import(
        write_file(
            [
                record(1, tier="premium", expires_at="2099-01-01T00:00:00Z"),
                record(2, tier="PRO", expires_at=None),
                record(3, tier="premium", expires_at="2025-02-01T00:00:00Z"),
                record(4, tier="pro", expires_at="2025-13-45"),
                record(5),
            ]
        )
    )

    assert grant_values() == [
        (1, "premium", REGISTERED, LATER - REGISTERED, "legacy"),
        (2, "pro", REGISTERED, None, "legacy"),
        (3, "premium", REGISTERED, datetime(2025, 2, 1, tzinfo=UTC) - REGISTERED, "legacy"),
    ]
    shown = UserSubscription.objects.order_by("user__telegram_id").values_list("tier", "expires_at")
    assert list(shown) == [("premium", LATER), ("pro", None), *[("free", None)] * 3]
    assert_sound()


def test_what_a_person_has_to_decide_comes_first_and_stays_in_the_history(write_file: WriteFile):
    outcome = run_import(write_file([None, record(tier="pro", expires_at="2025-13-45")]))

    first = (
        'record 2 (line 4, user 7): subscription.expires_at "2025-13-45" is not a date [date_unreadable]: '
        "user imported, paid access NOT granted, decide by hand."
    )
    assert outcome.said.splitlines()[0] == first
    assert list(UndecidedAccess.objects.values_list("record", "line", "telegram_id", "code", "sentence")) == [
        (2, 4, 7, "date_unreadable", first)
    ]
    counts = ImportRun.objects.get().counts
    assert (counts["undecided"], counts["notes"], counts["grants"]) == (1, {"date_unreadable": 1}, 0)


def test_the_other_columns_come_along(write_file: WriteFile):
    run_import(
        write_file(
            [
                record(
                    tier="pro",
                    auto_renew=True,
                    payment_method="stars",
                    daily_requests=9,
                    last_request_date="2025-08-14",
                    referral_code="SAVE10",
                )
            ]
        )
    )

    row = subscription()
    assert (row.auto_renew, row.payment_method, row.referral_code) == (True, "stars", "SAVE10")
    assert (row.daily_requests, row.last_reset_date) == (9, date(2025, 8, 14))
    assert (row.created_at, row.updated_at) == (REGISTERED, REGISTERED)


@pytest.mark.parametrize("created_at", [None, "2025-06-01T00:00:00Z"])
def test_access_that_began_nobody_knows_when_ends_at_its_end(write_file: WriteFile, created_at):
    run_import(write_file([record(created_at=created_at, tier="pro", expires_at="2025-02-01T00:00:00Z")]))

    (grant,) = Grant.objects.all()
    assert grant.starts_at + grant.duration == datetime(2025, 2, 1, tzinfo=UTC)
    assert subscription().tier == "free"


def test_access_of_less_than_a_day_begins_when_its_user_registered(write_file: WriteFile):
    run_import(write_file([record(tier="pro", expires_at="2025-01-02T04:04:05Z")]))

    assert [row[2:4] for row in grant_values()] == [(REGISTERED, timedelta(hours=1))]


def test_access_beyond_a_lifetime_is_for_ever(write_file: WriteFile):
    run_import(write_file([record(1, tier="pro", expires_at="9999-12-31T00:00:00Z"), record(2, tier="pro")]))

    assert [row[3] for row in grant_values()] == [None, None]


def test_a_second_import_touches_no_row(write_file: WriteFile):
    path = write_file(
        [
            record(1, tier="pro", expires_at="2099-01-01", referral_code="A", daily_requests=3),
            record(2, tier="premium", expires_at="2025-02-01", last_reset_date="2025-01-20", referred_by=1),
            record(3),
        ]
    )
    run_import(path)
    before = stored_rows()

    run_import(path)

    assert stored_rows() == before


def test_who_registered_before_the_import_gets_what_he_had_paid_for(write_file: WriteFile):
    UserRepository().create_user.blocking(7)

    outcome = run_import(
        write_file([record(tier="pro", expires_at="2099-01-01T00:00:00Z", referral_code="OLD")])
    )

    assert outcome.said.endswith("1 newer in the database, 0 refused.\n")
    row = subscription()
    assert (row.tier, row.expires_at, row.referral_code) == ("pro", LATER, "OLD")
    assert_sound()


def test_legacy_access_joins_what_was_bought_here(write_file: WriteFile):
    user = UserRepository().create_user.blocking(7)
    SubscriptionRepository().upgrade_subscription.blocking(user.pk, "pro", 30)
    ends_at = subscription().expires_at

    run_import(write_file([record(tier="premium", expires_at="2099-01-01T00:00:00Z")]))

    row = subscription()
    assert (row.tier, row.expires_at, row.next_tier) == ("pro", ends_at, "premium")
    assert_sound()


def test_revoked_access_does_not_come_back(write_file: WriteFile):
    path = write_file([record(tier="pro", expires_at=None)])
    run_import(path)
    Grant.objects.update(revoked_at=clock.now(), revoke_reason="fraud")
    UserSubscription.objects.update(tier="free")

    run_import(path)

    assert subscription().tier == "free"
    assert Grant.objects.count() == 1


def test_a_corrected_end_comes_in_and_one_that_was_given_stays(write_file: WriteFile):
    run_import(write_file([record(1, tier="pro", expires_at="2099-13-01"), record(2, tier="pro")]))

    outcome = run_import(
        write_file([record(1, tier="pro", expires_at="2099-01-01T00:00:00Z"), record(2, tier="premium")])
    )

    assert [row[:2] for row in grant_values()] == [(1, "pro"), (2, "pro")]
    assert outcome.said.splitlines()[0] == (
        "record 2 (line 11, user 2): the access that an earlier import gave is not what the file says now"
        " [access_differs]: it stays, decide by hand what is due."
    )
    assert UndecidedAccess.objects.get(code="access_differs").telegram_id == 2
    assert ImportRun.objects.first().counts["grants_differing"] == 1
    assert_sound()


def test_a_corrected_file_overwrites_what_it_brought_and_nobody_changed(write_file: WriteFile):
    run_import(write_file([record(auto_renew=True, payment_method="card", daily_requests=3)]))

    run_import(write_file([record(auto_renew=False, payment_method="stars", daily_requests=4)]))

    row = subscription()
    assert (row.auto_renew, row.payment_method, row.daily_requests) == (False, "stars", 4)


def test_what_happened_here_outlives_a_corrected_file(write_file: WriteFile):
    run_import(write_file([record(1), record(2, payment_method="card")]))
    today = clock.today()
    UserSubscription.objects.filter(user__telegram_id=1).update(
        daily_requests=5, last_reset_date=today, referral_code="DRAWN"
    )
    OrderFactory(user=User.objects.get(telegram_id=2))

    run_import(
        write_file(
            [
                record(1, daily_requests=99, last_request_date="2026-10-31", referral_code="OLD"),
                record(2, payment_method="stars", auto_renew=True),
            ]
        )
    )

    first, second = subscription(1), subscription(2)
    assert (first.daily_requests, first.last_reset_date, first.referral_code) == (5, today, "DRAWN")
    assert (second.payment_method, second.auto_renew) == ("card", False)


def test_requests_that_staff_reset_stay_reset(write_file: WriteFile):
    path = write_file([record(daily_requests=9, last_request_date="2026-10-31")])
    run_import(path)
    UserSubscription.objects.update(daily_requests=0, updated_at=clock.now())

    run_import(path)

    assert subscription().daily_requests == 0


def test_of_two_owners_of_one_code_the_first_keeps_it(write_file: WriteFile):
    outcome = run_import(write_file([record(1, referral_code="SAME"), record(2, referral_code="SAME")]))

    assert outcome.said.startswith("note code_duplicate: 1\n")
    assert (subscription(1).referral_code, subscription(2).referral_code) == ("SAME", None)


def test_a_code_that_belongs_to_somebody_here_stays_with_him(write_file: WriteFile):
    UserRepository().create_user.blocking(9)
    UserSubscription.objects.update(referral_code="SAME")

    outcome = run_import(write_file([record(1, referral_code="SAME")]))

    assert outcome.said.startswith("note code_duplicate: 1\n")
    assert (subscription(9).referral_code, subscription(1).referral_code) == ("SAME", None)


def test_account_and_code_are_both_lost_to_whom_they_belong(write_file: WriteFile):
    path = write_file(
        [
            {**record(1, referral_code="SAME"), "faceit_player_id": "p"},
            {**record(2, referral_code="SAME"), "faceit_player_id": "p"},
        ]
    )

    outcome = run_import(path)

    assert outcome.said.startswith("note code_duplicate: 1\nnote faceit_taken: 1\n")
    assert subscription(2).referral_code is None


def test_every_imported_grant_is_of_the_source_that_is_given_once(write_file: WriteFile):
    path = write_file([record(tier="pro")])

    run_import(path)
    run_import(path)

    assert Grant.objects.filter(source=GrantSource.LEGACY).count() == 1
