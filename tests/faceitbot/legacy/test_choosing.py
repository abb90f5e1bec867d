"""An import may be asked for some records only, or to take all of them or none."""

import json
from pathlib import Path
from typing import Any

import pytest

from faceitbot.models import ImportRun
from subscriptions.models import Grant
from tests.faceitbot.legacy.conftest import WriteFile
from tests.faceitbot.legacy.importing import run_import
from users.models import User

pytestmark = pytest.mark.django_db


def ids() -> list[int | None]:
    return list(User.objects.order_by("telegram_id").values_list("telegram_id", flat=True))


def test_only_the_users_that_are_asked_for_come_in(write_file: WriteFile):
    outcome = run_import(write_file([{"user_id": n} for n in [1, 2, 3, -4]]), "--only", "1, 3")

    assert outcome.code == 0
    assert outcome.said.splitlines() == [
        "2 other records of the file left out.",
        "2 records: 2 created, 0 updated, 0 unchanged, 0 newer in the database, 0 refused.",
    ]
    assert ids() == [1, 3]


def test_a_corrected_file_brings_just_what_a_report_lists(write_file: WriteFile, tmp_path: Path):
    report = str(tmp_path / "report.json")
    faulty: list[Any] = [
        {"user_id": 1, "total_requests": 1},
        {"name": "no id"},
        {"user_id": 3, "subscription": {"tier": "pro", "expires_at": "2099-13-45"}},
    ]
    assert run_import(write_file(faulty), "--report", report).code == 1
    corrected: list[Any] = [
        {"user_id": 1, "total_requests": 999},
        {"user_id": 2},
        {"user_id": 3, "subscription": {"tier": "pro", "expires_at": "2099-12-31"}},
    ]

    outcome = run_import(write_file(corrected), "--only", f"@{report}")

    assert outcome.code == 0
    assert outcome.said.splitlines()[0] == "1 other records of the file left out."
    assert ids() == [1, 2, 3]
    assert User.objects.get(telegram_id=1).total_requests == 1
    assert Grant.objects.get().user.telegram_id == 3
    assert ImportRun.objects.first().counts["left_out"] == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"refused_records": [1]}', "[" * 100_000, "\x80"])
def test_what_is_no_report_is_refused(write_file: WriteFile, content: str):
    report = write_file(content, name="other.json")

    outcome = run_import(write_file([{"user_id": 1}]), "--only", f"@{report}")

    assert (outcome.code, outcome.said) == (2, f"Nothing imported: {report} is not the report of an import.")
    assert ids() == []


@pytest.mark.parametrize("text", ["me", "1,,2", "-1", "1.5", "٣"])
def test_what_is_no_id_is_refused(write_file: WriteFile, text: str):
    outcome = run_import(write_file([{"user_id": 1}]), f"--only={text}")

    assert outcome.code == 2
    assert "is not a Telegram id; write 123,456 or @report.json" in outcome.said
    assert ids() == []


def test_a_report_that_is_not_there_is_named(write_file: WriteFile, tmp_path: Path):
    outcome = run_import(write_file([{"user_id": 1}]), "--only", f"@{tmp_path}/none.json")

    assert (outcome.code, outcome.said) == (2, f"{tmp_path}/none.json: No such file or directory.")


def test_a_strict_import_takes_nothing_when_it_cannot_take_all(write_file: WriteFile, tmp_path: Path):
    path = write_file([{"user_id": 1}, None, {"user_id": True}])

    outcome = run_import(path, "--strict", "--batch-size", "1")

    assert outcome.code == 2
    assert outcome.said == (
        "Nothing imported: 2 records are refused, the first: record 2 (line 6): the record is null, not an "
        "object [not_an_object]: user not imported."
    )
    assert ids() == []
    assert not ImportRun.objects.exists()


def test_a_strict_import_takes_a_file_without_refusals(write_file: WriteFile):
    assert run_import(write_file([{"user_id": "1", "x": 1}]), "--strict").code == 0
    assert ids() == [1]


def test_the_report_of_a_run_can_be_read_by_the_next(write_file: WriteFile, tmp_path: Path):
    report = tmp_path / "report.json"
    run_import(write_file([{"user_id": -1}, {"user_id": 1, "subscription": 5}]), "--report", str(report))

    listed = json.loads(report.read_text(encoding="utf-8"))

    assert [line["record"] for line in listed["access_to_decide"]] == [2]
    assert [line["record"] for line in listed["refused_records"]] == [1]


def test_whom_the_file_does_not_have_is_named(write_file: WriteFile):
    outcome = run_import(write_file([{"user_id": 1}, {"user_id": 2}]), "--only", "9,2,8")

    assert outcome.said.splitlines()[:2] == [
        "1 other records of the file left out.",
        "Not in the file: 8, 9.",
    ]
    assert ids() == [2]
