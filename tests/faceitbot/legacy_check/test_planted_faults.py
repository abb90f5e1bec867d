"""A fault of the import in any field that it maps is named when the file is compared with the database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from faceitbot.legacy import deciding, mapping
from subscriptions import imported_referrals, importing
from subscriptions.imported_subscription import ImportedSubscription
from tests.faceitbot.legacy.importing import run_import
from tests.faceitbot.legacy_check.old_bot import FIRST_ID, summary, users, verify, write
from users.imported_user import ImportedUser

pytestmark = pytest.mark.django_db

USERS = 30
# What stands in the report when the import gets this column of a user wrong.
OF_A_USER = {name: name for name in ImportedUser._fields} | {"telegram_id": "missing"}
OF_A_SUBSCRIPTION = {
    "tier": "grant.tier",
    "starts_at": "grant.starts_at",
    "ends_at": "grant.ends_at",
    "auto_renew": "subscription.auto_renew",
    "payment_method": "subscription.payment_method",
    "daily_requests": "subscription.daily_requests",
    "last_reset_date": "subscription.last_reset_date",
    "referral_code": "subscription.referral_code",
    "referred_by": "referral.referrer",
}
# What the statements put in by themselves: the piece of SQL, a wrong one, what is said then.
OF_A_STATEMENT = [
    (importing, "_GRANT", "'legacy', ''", "'payment', ''", "grant"),
    (importing, "_GRANT", "ends_at - starts_at", "NULL", "grant.ends_at"),
    (importing, "_GRANT", "(), user_id, tier,", "(), user_id, 'pro',", "grant.tier"),
    (importing, "_GRANT", "tier IS NOT NULL", "false", "grant"),
    (importing, "_ONE_GRANT", "THEN 'free'", "THEN 'pro'", "subscription.tier"),
    (importing, "_ONE_GRANT", "THEN file.ends_at", "THEN file.starts_at", "subscription.expires_at"),
    (importing, "_RESOLVE", "interval '1 day'", "interval '2 days'", "grant.starts_at"),
    (imported_referrals, "_RECORD", "0, 0, users", "30, 0, users", "referral.referrer_days"),
    (imported_referrals, "_RECORD", "0, 0, users", "0, 7, users", "referral.referee_days"),
    (imported_referrals, "_RECORD", "coalesce(referral_code, '')", "'OTHER'", "referral.code"),
    (
        imported_referrals,
        "_RECORD",
        "0, 0, users.created_at",
        "0, 0, clock_timestamp()",
        "referral.created_at",
    ),
    (imported_referrals, "_NAME_REFERRERS", "WHERE", "WHERE false AND", "subscription.referred_by"),
    (imported_referrals, "_COUNT", "count(*)", "count(*) + 1", "subscription.referrals_count"),
]


def wrong(value: Any) -> Any:
    """Give another value of the same kind, one that can be stored."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case datetime():
            return value - timedelta(hours=1)
        case date():
            return value - timedelta(days=1)
        case "premium":
            return "pro"
        case "pro":
            return "premium"
        case str():
            return f"{value[:5]}~"
    return value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file that has every field filled somewhere."""
    short = dict(next(users(1)), user_id=7, faceit_player_id="short", subscription={"tier": "pro"})
    # A grant that ended before it can have begun.
    short["subscription"] = {"tier": "pro", "expires_at": "2024-12-01T00:00:00"}
    return write(tmp_path / "data.json", [*users(USERS), short])


@pytest.fixture
def mutate(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Let the import get one field of every record wrong."""

    def plant(part: str, name: str) -> None:
        right = mapping.decide_record

        def decide(*arguments: Any) -> Any:
            decided = right(*arguments)
            values = getattr(decided, part)
            return replace(decided, **{part: values._replace(**{name: wrong(getattr(values, name))})})

        monkeypatch.setattr(deciding, "decide_record", decide)

    return plant


def test_an_import_without_a_fault_is_found_equal(file: Path):
    assert run_import(file).code == 0

    outcome = verify(file)

    assert (outcome.code, outcome.said.splitlines()) == (0, [summary(equal=USERS + 1)])


@pytest.mark.parametrize("name", ImportedUser._fields)
def test_a_fault_in_a_column_of_the_user_is_named(file: Path, mutate: Callable[[str, str], None], name: str):
    mutate("user", name)
    run_import(file)

    outcome = verify(file)

    assert outcome.code == 1
    named = OF_A_USER[name]
    assert f"wrong, {named}:" in outcome.said or (
        named == "missing" and ": missing, the user" in outcome.said
    )


@pytest.mark.parametrize("name", [name for name in ImportedSubscription._fields if name != "telegram_id"])
def test_a_fault_in_a_column_of_the_access_is_named(
    file: Path, mutate: Callable[[str, str], None], name: str
):
    mutate("subscription", name)
    run_import(file)

    outcome = verify(file)

    assert outcome.code == 1
    assert f"wrong, {OF_A_SUBSCRIPTION[name]}:" in outcome.said


@pytest.mark.parametrize(("module", "statement", "piece", "fault", "named"), OF_A_STATEMENT)
def test_a_fault_in_a_statement_is_named(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    statement: str,
    piece: str,
    fault: str,
    named: str,
):
    right = getattr(module, statement)
    assert piece in right
    monkeypatch.setattr(module, statement, right.replace(piece, fault))
    run_import(file)

    outcome = verify(file)

    assert outcome.code == 1
    assert f"wrong, {named}:" in outcome.said


def test_access_that_nobody_shows_is_found(file: Path, monkeypatch: pytest.MonkeyPatch):
    """The grants are there, and the subscriptions do not say so."""
    monkeypatch.setattr(importing, "_ONE_GRANT", "'free', NULL")
    run_import(file)

    outcome = verify(file)

    assert outcome.code == 1
    assert "wrong, subscription.tier:" in outcome.said
    assert f"user {FIRST_ID + 4}): wrong: subscription.tier is 'free', by the file 'premium'" in outcome.said
