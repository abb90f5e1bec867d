"""What becomes of a record's subscription: each deviation has its code, and paid access is never guessed."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from faceitbot.core import clock
from faceitbot.legacy.fates import sentence
from faceitbot.legacy.mapping import DecidedRecord
from subscriptions.imported_subscription import ImportedSubscription
from tests.faceitbot.legacy.test_fates import decide

REGISTERED = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
NOTHING = ImportedSubscription(7)


def decided(subscription: Any) -> DecidedRecord:
    return decide(
        json.dumps({"user_id": 7, "created_at": "2025-01-02T03:04:05Z", "subscription": subscription})
    )


def given(subscription: Any) -> tuple[str | None, datetime | None, datetime | None]:
    return decided(subscription).subscription[1:4]


def codes(subscription: Any) -> list[tuple[str, bool]]:
    return [(note.code, note.undecided) for note in decided(subscription).notes]


@pytest.mark.parametrize("subscription", [None, {}, {"tier": None}, {"tier": "free"}, {"tier": " FREE"}])
def test_who_paid_nothing_is_free_without_a_note(subscription):
    assert decided(subscription).subscription == NOTHING
    assert decided(subscription).notes == []


@pytest.mark.parametrize("tier", ["pro", "PRO", "Pro "])
def test_a_paid_tier_without_an_end_is_for_ever_in_whatever_case(tier):
    assert given({"tier": tier}) == ("pro", REGISTERED, None)
    assert codes({"tier": tier, "expires_at": None}) == []


def test_access_lasts_from_the_registration_to_exactly_its_end():
    ends_at = (clock.now() + timedelta(days=40)).replace(microsecond=123)

    assert given({"tier": "premium", "expires_at": ends_at.isoformat()}) == ("premium", REGISTERED, ends_at)


def test_an_end_without_an_offset_is_the_old_servers_local_time():
    assert given({"tier": "premium", "expires_at": "2099-01-01T03:00:00"})[2] == datetime(
        2099, 1, 1, tzinfo=UTC
    )


def test_what_has_passed_stays_as_history():
    paid = {"tier": "premium", "expires_at": "2025-06-01T00:00:00Z"}

    assert given(paid) == ("premium", REGISTERED, datetime(2025, 6, 1, tzinfo=UTC))
    assert codes(paid) == [("expired", False)]


@pytest.mark.parametrize("end", ["2025-13-45", "", "never", True, [], {}, 10**40, "1969-12-31T00:00:00Z", -1])
def test_an_end_that_nobody_can_read_gives_nothing_and_waits_for_a_person(end):
    assert given({"tier": "pro", "expires_at": end}) == (None, None, None)
    assert codes({"tier": "pro", "expires_at": end}) == [("date_unreadable", True)]


def test_the_sentence_about_it_says_what_to_do():
    (note,) = decided({"tier": "pro", "expires_at": "2025-13-45"}).notes

    assert sentence(note, record=48211, line=1012433, telegram_id=5000048210) == (
        'record 48 211 (line 1 012 433, user 5000048210): subscription.expires_at "2025-13-45" is not a date '
        "[date_unreadable]: user imported, paid access NOT granted, decide by hand."
    )


@pytest.mark.parametrize(
    ("subscription", "code"),
    [
        ("free", "subscription_unreadable"),
        ([], "subscription_unreadable"),
        (False, "subscription_unreadable"),
        ({"tier": "platinum"}, "tier_unknown"),
        ({"tier": "platinum", "expires_at": "2099-01-01"}, "tier_unknown"),
        ({"tier": 2}, "tier_unknown"),
        ({"tier": ""}, "tier_unknown"),
        ({"expires_at": "2099-01-01"}, "tier_unknown"),
        ({"tier": None, "expires_at": "2099-01-01"}, "tier_unknown"),
    ],
)
def test_what_may_have_been_paid_for_waits_for_a_person(subscription, code):
    assert decided(subscription).subscription == NOTHING
    assert codes(subscription) == [(code, True)]


@pytest.mark.parametrize(
    ("fields", "code", "column", "value"),
    [
        ({"expires_at": "2026-01-01T00:00:00"}, "expiry_on_free", "ends_at", None),
        ({"expires_at": "soon"}, "expiry_on_free", "ends_at", None),
        ({"tier": "free", "expires_at": "2099-01-01"}, "expiry_on_free", "ends_at", None),
        ({"daily_requests": -3}, "counter_negative", "daily_requests", 0),
        ({"daily_requests": 2**31}, "counter_negative", "daily_requests", 0),
        ({"referrals_count": -1}, "counter_negative", "referrals_count", None),
        ({"last_reset_date": "2025-13-45"}, "date_unreadable", "last_reset_date", None),
        ({"last_reset_date": "2999-01-01T00:00:00"}, "date_unreadable", "last_reset_date", None),
        ({"last_request_date": "2999-01-01"}, "date_unreadable", "last_reset_date", None),
        ({"last_request_date": "2025-02-30"}, "date_unreadable", "last_reset_date", None),
        ({"referral_code": ""}, "code_invalid", "referral_code", None),
        ({"referral_code": "  "}, "code_invalid", "referral_code", None),
        ({"referral_code": "X" * 33}, "code_invalid", "referral_code", None),
        ({"referral_code": 5}, "code_invalid", "referral_code", None),
        ({"referral_code": "A\x00B"}, "text_cleaned", "referral_code", "AB"),
        ({"payment_method": "m" * 33}, "text_too_long", "payment_method", ""),
        ({"payment_method": 5}, "text_cleaned", "payment_method", ""),
        ({"auto_renew": "yes"}, "extra_keys", "auto_renew", False),
        ({"referred_by": "8"}, "id_as_text", "referred_by", 8),
        ({"referred_by": 7}, "referrer_unknown", "referred_by", None),
        ({"referred_by": 0}, "referrer_unknown", "referred_by", None),
        ({"referred_by": 2**60}, "referrer_unknown", "referred_by", None),
        ({"referred_by": "9" * 5000}, "referrer_unknown", "referred_by", None),
        ({"referred_by": True}, "referrer_unknown", "referred_by", None),
        ({"colour": "red"}, "extra_keys", "tier", None),
    ],
)
def test_a_value_that_cannot_stay_is_changed_and_noted(fields, code, column, value):
    assert codes(fields) == [(code, False)]
    assert getattr(decided(fields).subscription, column, None) == value


def test_a_whole_subscription_becomes_the_columns():
    whole = {
        "tier": "pro",
        "expires_at": None,
        "auto_renew": True,
        "payment_method": "telegram_stars",
        "daily_requests": 9,
        "last_reset_date": "2025-08-14T23:30:00Z",
        "referred_by": 8,
        "referral_code": " SAVE10 ",
        "referrals_count": 4,
    }

    assert decided(whole).notes == []
    assert decided(whole).subscription == ImportedSubscription(
        telegram_id=7,
        tier="pro",
        starts_at=REGISTERED,
        ends_at=None,
        auto_renew=True,
        payment_method="telegram_stars",
        daily_requests=9,
        # The day of Moscow, where it was past midnight.
        last_reset_date=date(2025, 8, 15),
        referral_code="SAVE10",
        referred_by=8,
    )


def test_the_early_bots_count_is_the_count_of_requests():
    early = decided({"tier": "FREE", "requests_used": 2, "requests_limit": 5})

    assert early.subscription == NOTHING._replace(daily_requests=2)
    assert early.notes == []


def test_a_day_is_the_day_that_is_written():
    assert decided({"last_request_date": "2025-08-14"}).subscription.last_reset_date == date(2025, 8, 14)
