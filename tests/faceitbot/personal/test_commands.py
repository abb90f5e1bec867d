"""`manage.py export_user`, `erase_user` and `prune_personal_data`: what they say, write and end with."""

import io
import json
import stat
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from faceitbot.core import personal
from subscriptions.models import Payment
from subscriptions.repositories import PaymentRepository
from tests.faceitbot.personal.life import NICKNAME, TELEGRAM_ID, live, pay, receive
from tests.faceitbot.personal.traces import tables
from tests.other_process import ROOT, environment
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "by request of the person"
users, payments = UserRepository(), PaymentRepository()


def run(command, *words, **options):
    said = io.StringIO()
    call_command(command, *map(str, words), stdout=said, **options)
    return said.getvalue()


def test_the_export_holds_everything(tmp_path):
    words = live(tmp_path)
    file = tmp_path / "person.json"

    said = run("export_user", TELEGRAM_ID, output=file)

    text = file.read_text(encoding="utf-8")
    exported = json.loads(text)
    assert [word for word in words if word not in text] == []
    assert exported["telegram_id"] == TELEGRAM_ID
    about_people = {table.name for table in personal.tables() if table.owners or table.also}
    assert set(exported["held"]) == about_people
    user = User.objects.get(telegram_id=TELEGRAM_ID)
    (row,) = exported["held"]["users"]
    assert (row["id"], row["faceit_nickname"], row["created_at"][:10]) == (
        str(user.pk),
        NICKNAME,
        user.created_at.date().isoformat(),
    )
    charges = {row["telegram_payment_charge_id"] for row in exported["held"]["payments"]}
    assert charges == {None, "charge-1", "charge-2", "charge-3", "charge-4", "charge-5"}
    assert {row["referrer_id"] == str(user.pk) for row in exported["held"]["referrals"]} == {True, False}
    assert {row["action"] for row in exported["held"]["audit_entries"]} >= {"user.blocked", "grant.given"}
    assert said == f"{sum(map(len, exported['held'].values()))} rows written to {file}.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()].count("person.json.unfinished") == 0


def test_the_export_goes_to_the_standard_output_and_changes_nothing():
    users.create_user.blocking(TELEGRAM_ID)
    before = list(tables())

    exported = json.loads(run("export_user", TELEGRAM_ID))

    assert set(exported["held"]) == {"users", "user_subscriptions"}
    assert list(tables()) == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([7], "Nothing is held about user 7."),
        ([0], "telegram_id must be a Telegram id from 1 to 2^52, not 0"),
        (["me"], "Error: argument telegram_id: invalid int value: 'me'"),
    ],
)
def test_an_export_of_nobody_is_refused(tmp_path, words, sentence):
    with pytest.raises(CommandError) as refused:
        run("export_user", *words, "--output", tmp_path / "person.json")

    assert str(refused.value) == sentence
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    users.create_user.blocking(TELEGRAM_ID)
    file = tmp_path / "missing" / "person.json"

    with pytest.raises(CommandError) as refused:
        run("export_user", TELEGRAM_ID, output=file)

    assert (str(refused.value), refused.value.returncode) == (f"{file}: No such file or directory.", 2)


def test_erasing_says_what_it_did_and_what_is_left():
    user = users.create_user.blocking(TELEGRAM_ID, "player-1", NICKNAME)
    order = payments.create_order.blocking(user.pk, "premium", recurring=True)
    pay(order, "charge-1", is_recurring=True, is_first_recurring=True)

    first, second = (run("erase_user", TELEGRAM_ID, reason=REASON) for _time in range(2))
    Payment.objects.update(payer_telegram_id=None, provider_payment_charge_id="")
    third = run("erase_user", TELEGRAM_ID, reason=REASON)

    left = (
        "Kept for 30 days after the end of the matter, for refunds: his Telegram id in payments 1."
        " `manage.py prune_personal_data` forgets it then.\n"
    )
    assert first == (
        "Erased: orders 1, users 1.\n"
        f"{left}"
        "Telegram goes on charging for what renews itself, and what comes will wait in review. End it: "
        f"editUserStarSubscription(user_id={TELEGRAM_ID}, telegram_payment_charge_id='charge-1', "
        "is_canceled=True)\n"
    )
    assert second == f"Nothing is held about user {TELEGRAM_ID}.\n{left}"
    assert third == f"Nothing is held about user {TELEGRAM_ID}.\n"


def test_without_redis_a_person_is_erased_all_the_same():
    """What lies there is served by nobody who asks the database, and gone when its time is over."""
    users.create_user.blocking(TELEGRAM_ID)
    nobody_listens = {"REDIS_URL": "redis://127.0.0.1:1/0"}

    ended = subprocess.run(
        [sys.executable, "manage.py", "erase_user", str(TELEGRAM_ID), "--reason", REASON],
        check=False,
        cwd=ROOT,
        env=environment() | nobody_listens,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (ended.returncode, ended.stdout) == (0, "Erased: users 1.\n")
    assert ended.stderr.count("personal.cache_not_emptied") == 3
    assert "Traceback" not in ended.stderr
    assert User.objects.get().telegram_id is None


def test_a_refusal_is_one_sentence_and_nothing_happens():
    users.create_user.blocking(TELEGRAM_ID)
    payment = receive("charge-1", payload="what?", total_amount=1).payment
    before = list(tables())

    for reason, sentence in (
        (REASON, f"Nothing erased: money is under way: payment {payment.pk} is in review."),
        (f"{TELEGRAM_ID}", "Nothing erased: the reason is kept, so it must not name the person."),
        (" ", "Nothing erased: reason must not be empty."),
    ):
        with pytest.raises(CommandError) as refused:
            run("erase_user", TELEGRAM_ID, reason=reason)
        assert (str(refused.value), refused.value.returncode) == (sentence, 2)

    assert list(tables()) == before


def test_a_dry_run_counts_what_the_pruning_then_forgets():
    user = users.create_user.blocking(TELEGRAM_ID)
    pay(payments.create_order.blocking(user.pk, "premium"), "charge-1")
    before = list(tables())

    counted = run("prune_personal_data", "--dry-run")
    unchanged = list(tables())
    pruned, again = run("prune_personal_data"), run("prune_personal_data")

    assert counted == "Dry run, nothing written: payments 1.\n"
    assert unchanged == before
    assert (pruned, again) == ("payments 1.\n", "nothing is due.\n")
    assert Payment.objects.get().payer_telegram_id is None
