"""Imports with something to look at: records that were refused, and access that waits for a decision."""

from datetime import timedelta
from typing import Any

from faceitbot.core import clock
from faceitbot.models import ImportRefusal, ImportRun, UndecidedAccess
from tests.factories import UserFactory

REASONS = {
    "id_out_of_range": "user_id -5 is not between 1 and 2^52 [id_out_of_range]: user not imported.",
    "duplicate_user": "the user stands in record 3 already [duplicate_user]: user not imported.",
    "json_duplicate_key": '"user_id" stands twice in one object [json_duplicate_key]: user not imported.',
}
UNDECIDED = (
    'subscription.expires_at "2025-13-45" is not a date [date_unreadable]: user imported, paid access NOT'
    " granted, decide by hand."
)


def an_import(refused=3, undecided=2, **values):
    """Make an import of two thousand records, with the users whose access is to be decided on."""
    codes = [list(REASONS)[number % len(REASONS)] for number in range(refused)]
    counts = {
        "records": 2_000 + refused,
        "created": 1_900,
        "updated": 60,
        "unchanged": 30,
        "newer": 10,
        "refused": refused,
        "refusals": {code: codes.count(code) for code in set(codes)},
        "grants": 412,
        "referrals": 87,
        "grants_differing": 0,
        "undecided": undecided,
        "left_out": 0,
        "notes": {"expired": 230, "date_unreadable": undecided, "text_cleaned": 4},
    }
    began = clock.now() - timedelta(days=2)
    given: dict[str, Any] = {
        "state": "done",
        "started_at": began,
        "finished_at": began + timedelta(seconds=83),
    }
    given |= {"file_name": "data.json", "sha256": "3f" * 32, "as_of": began, "counts": counts, **values}
    made = ImportRun.objects.create(**given)
    ImportRefusal.objects.bulk_create(
        ImportRefusal(run=made, **_said(100 + number, _telegram_id(code, number), code, REASONS[code]))
        for number, code in enumerate(codes)
    )
    people = [UserFactory.create() for _number in range(undecided)]
    UndecidedAccess.objects.bulk_create(
        UndecidedAccess(run=made, **_said(10 + number, user.telegram_id, "date_unreadable", UNDECIDED))
        for number, user in enumerate(people)
    )
    return made


def _telegram_id(code, number):
    return 7_000_000_000 + number if code == "duplicate_user" else None


def _said(record, telegram_id, code, reason):
    line = 20 * record
    whose = f", user {telegram_id}" if telegram_id else ""
    return {
        "record": record,
        "line": line,
        "telegram_id": telegram_id,
        "code": code,
        "sentence": f"record {record} (line {line}{whose}): {reason}",
    }
