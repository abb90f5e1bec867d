"""`verify_import` finds what was planted and nothing else, and lets be what people did here since."""

import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from faceitbot.models import ImportRun
from faceitbot.personal.erasing import erase_person
from subscriptions.models import Grant, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.faceitbot.legacy.importing import run_import
from tests.faceitbot.legacy_check.old_bot import FIRST_ID, run, summary, users, verify, write
from tests.factories import OrderFactory, StaffFactory, UserFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db

# The number of a user of `users`, what is told of him, and the SQL that plants it.
PLANTED = [
    (20, "total_requests", "UPDATE users SET total_requests = total_requests + 1 WHERE id = %s"),
    (21, "last_active_at", "UPDATE users SET last_active_at = last_active_at + interval '1us' WHERE id = %s"),
    (22, "faceit_player_id", "UPDATE users SET faceit_player_id = 'somebody' WHERE id = %s"),
    (
        28,
        "subscription.referral_code",
        "UPDATE user_subscriptions SET referral_code = 'X' WHERE user_id = %s",
    ),
    (
        25,
        "subscription.daily_requests",
        "UPDATE user_subscriptions SET daily_requests = 1 WHERE user_id = %s",
    ),
    (26, "subscription.auto_renew", "UPDATE user_subscriptions SET auto_renew = true WHERE user_id = %s"),
    (31, "grant.ends_at", "UPDATE grants SET duration = interval '10 days' WHERE user_id = %s"),
    (32, "grant.tier", "UPDATE grants SET tier = 'pro' WHERE user_id = %s"),
    (33, "referral.created_at", "UPDATE referrals SET created_at = '2025-07-07' WHERE referee_id = %s"),
    (35, "missing", "UPDATE users SET telegram_id = telegram_id + 10000000 WHERE id = %s"),
]


def plant(number: int, statement: str) -> None:
    """Change a row behind everybody's back: its time stays, and no trigger objects."""
    user_id = User.objects.get(telegram_id=FIRST_ID + number).pk
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, [user_id])
        assert cursor.rowcount == 1
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def findings(report: Path) -> list[tuple[int, str]]:
    """Give of each finding the number of the user and the first field that is told."""
    found = []
    for line in report.read_text(encoding="utf-8").splitlines():
        finding = json.loads(line)
        fields = [one["field"] for one in finding["differences"]] or [finding["verdict"]]
        found.append((finding["telegram_id"] - FIRST_ID, fields[0]))
    return found


@pytest.mark.proof("verify_import")
@pytest.mark.django_db(transaction=True)
def test_ten_planted_differences_are_found_and_nothing_else(
    tmp_path: Path, full_size: bool, report: Callable[[str], None]
):
    count = 100_000 if full_size else 400
    path = write(tmp_path / "data.json", users(count))
    assert run_import(path).code == 0
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    assert verify(path).said.splitlines() == [summary(equal=count)]
    if full_size:
        seconds = time.monotonic() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
        report(f"{count} users compared in {seconds:.1f} s, memory {grown:+.0f} MiB above the import's peak")

    for number, _field, statement in PLANTED:
        plant(number, statement)
    found = tmp_path / "found.jsonl"
    outcome = verify(path, "--report", found)

    assert outcome.code == 1
    assert sorted(findings(found)) == sorted((number, field) for number, field, _statement in PLANTED)
    assert outcome.said.splitlines()[-1] == summary(equal=count - 10, missing=1, wrong=9)


def test_what_is_found_is_said_in_a_sentence(tmp_path: Path):
    path = write(tmp_path / "data.json", users(3))
    run_import(path)
    plant(0, "UPDATE users SET language = 'en', faceit_nickname = 'ace' WHERE id = %s")
    User.objects.filter(telegram_id=FIRST_ID + 1).update(telegram_id=1)

    outcome = verify(path)

    assert outcome.code == 1
    assert outcome.said.splitlines() == [
        (
            "record 1 (line 2, user 6000000000): wrong: faceit_nickname is 'ace', by the file empty; "
            "language is 'en', by the file 'ru'."
        ),
        "record 2 (line 25, user 6000000001): missing, the user is not in the database.",
        "wrong, faceit_nickname: 1",
        "wrong, language: 1",
        summary(equal=1, missing=1, wrong=1),
    ]


def test_what_people_do_since_is_no_fault(tmp_path: Path):
    path = write(tmp_path / "data.json", users(60))
    run_import(path)
    people, access = UserRepository(), SubscriptionRepository()
    row = {user.telegram_id - FIRST_ID: user.pk for user in User.objects.all()}

    people.touch.blocking(FIRST_ID + 1, "de")
    people.unlink_faceit_account.blocking(FIRST_ID + 2)
    people.link_faceit_account.blocking(FIRST_ID + 3, "another", "another")
    access.consume_request.blocking(row[5])
    access.upgrade_subscription.blocking(row[7], "pro", 30)
    access.upgrade_subscription.blocking(row[8], "premium", 30)
    code = access.generate_referral_code.blocking(row[9])
    assert access.apply_referral.blocking(row[11], code).success
    OrderFactory(user=User.objects.get(pk=row[12]))
    UserFactory(telegram_id=8)
    erase_person(FIRST_ID + 14, reason="asked for it")

    outcome = verify(path)

    # Numbers 1, 2, 3, 5, 7, 8, 9, 11 and 14, and 13, whom number 9 brought when he had no code yet.
    assert outcome.code == 0
    assert outcome.said.splitlines() == [
        "changed since, faceit_nickname: 2",
        "changed since, faceit_player_id: 2",
        "changed since, last_active_at: 1",
        "changed since, referral: 1",
        "changed since, referral.code: 1",
        "changed since, subscription.daily_requests: 1",
        "changed since, subscription.last_reset_date: 1",
        "changed since, subscription.payment_method: 2",
        "changed since, subscription.referral_code: 1",
        "changed since, total_requests: 1",
        summary(equal=50, changed=10),
    ]


def test_a_grant_that_staff_have_put_right_is_no_fault(tmp_path: Path):
    """A later file says something else than the one that was imported first; grants stay as they are."""
    record = {"user_id": 7, "subscription": {"tier": "premium", "expires_at": "2027-01-01T00:00:00"}}
    run_import(write(tmp_path / "first.json", [record]))
    record["subscription"] = {"tier": "pro", "expires_at": "2027-01-01T00:00:00"}
    path = write(tmp_path / "data.json", [record])
    run_import(path)
    assert "wrong, grant.tier: 1" in verify(path).said

    SubscriptionRepository().revoke_grant.blocking(
        Grant.objects.get(source="legacy").pk, actor=StaffFactory(), reason="the file was wrong"
    )

    outcome = verify(path)
    assert outcome.code == 0
    assert outcome.said.splitlines() == ["changed since, grant.tier: 1", summary(changed=1)]


def test_an_account_or_a_code_that_somebody_had_here_before_stays_with_him(tmp_path: Path):
    holder = UserRepository().create_user.blocking(9, "player-1", "holder")
    UserSubscription.objects.filter(user_id=holder.pk).update(referral_code="CODE4")
    path = write(tmp_path / "data.json", users(5))

    run_import(path)

    assert verify(path).said.splitlines() == [summary(equal=5)]


def test_a_fate_of_the_file_is_no_fault(tmp_path: Path):
    records = [
        {"user_id": 1, "faceit_player_id": "p", "subscription": {"tier": "pro", "referral_code": "C"}},
        {"user_id": 1},
        {
            "user_id": "2",
            "faceit_player_id": "p",
            "subscription": {"tier": "premium", "expires_at": "2024-01-01"},
        },
        {
            "user_id": 3,
            "faceit_nickname": "a\x00b",
            "total_requests": -1,
            "subscription": {"referral_code": "C"},
        },
        {"user_id": 4, "subscription": {"tier": "pro", "expires_at": "2025-13-45"}},
        {"user_id": 5, "subscription": {"tier": "gold", "referred_by": 99}},
        {"user_id": 6, "subscription": "free", "created_at": "never"},
        {"user_id": 7, "subscription": {"tier": "pro", "expires_at": "2199-01-01", "referred_by": 6}},
        None,
    ]
    path = write(tmp_path / "data.json", records)
    run_import(path)

    outcome = verify(path)

    assert outcome.code == 0
    assert outcome.said.splitlines() == [
        "refused duplicate_user: 1",
        "refused not_an_object: 1",
        "3 records do not say what access they give: a person has to decide.",
        summary(equal=7, refused=2),
    ]


@pytest.mark.parametrize("name", ["A0", "A1", "A2", "A3", "B", "C", "bom", "dirty"])
def test_each_sample_is_found_as_it_was_imported(samples: Path, name: str):
    path = samples / f"{name}.json"
    run_import(path)

    outcome = verify(path)

    assert outcome.code == 0, outcome.said
    assert (
        "0 changed since, 8 refused" if name == "dirty" else "0 refused, 0 missing, 0 wrong" in outcome.said
    )


def test_the_time_is_that_of_the_last_import_of_this_file(tmp_path: Path):
    path = write(tmp_path / "data.json", users(2))
    run_import(path)
    UserRepository().touch.blocking(FIRST_ID)

    assert run("verify_import", path).said.splitlines()[-1] == summary(equal=1, changed=1)
    ImportRun.objects.update(as_of=datetime.now(UTC) + timedelta(hours=1))
    assert run("verify_import", path).code == 1


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        (
            '{"users": [{"user_id": 1}]}',
            [],
            "Nothing compared: this file has not been imported here; say with",
        ),
        (
            '{"users": [{"user_id": 1}',
            ["--as-of", "2026-11-01"],
            "Nothing compared: line 1: , or ] was expected.",
        ),
        ('{"users": []}', ["--as-of", "2026-11-01"], "Nothing compared: the file holds no record."),
        ("[]", ["--as-of", "yesterday"], "--as-of: 'yesterday' is not a date such as 2026-11-20T21:00"),
    ],
)
def test_a_file_that_cannot_be_compared_is_refused(tmp_path: Path, content: str, words: list[str], said: str):
    path = tmp_path / "data.json"
    path.write_text(content)

    outcome = run("verify_import", path, *words)

    assert outcome.code == 2
    assert outcome.said.startswith(said)


def test_the_report_does_not_take_the_place_of_the_data(tmp_path: Path):
    path = write(tmp_path / "data.json", users(1))
    before = path.read_bytes()

    outcome = verify(path, "--report", path)

    assert outcome.code == 2
    assert path.read_bytes() == before


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    outcome = verify(tmp_path / "nowhere.json")

    assert outcome.code == 2
    assert outcome.said.endswith("nowhere.json: No such file or directory.")


def test_access_that_ended_an_hour_after_it_began_is_as_the_import_made_it(tmp_path: Path):
    subscription = {"tier": "premium", "expires_at": "2026-05-01T13:00:00Z"}
    path = tmp_path / "data.json"
    record = {"user_id": FIRST_ID, "created_at": "2026-05-01T12:00:00Z", "subscription": subscription}
    path.write_text(json.dumps({"users": [record]}), encoding="utf-8")
    run_import(path)

    outcome = verify(path)

    assert Grant.objects.get().duration == timedelta(hours=1)
    assert (outcome.code, "grant.starts_at" in outcome.said) == (0, False)
