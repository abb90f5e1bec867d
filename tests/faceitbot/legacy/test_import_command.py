"""`manage.py import_legacy`: what it says, its exit codes, its report, and that a refusal writes nothing."""

import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from faceitbot.core import progress
from faceitbot.models import ImportRefusal, ImportRun
from tests.faceitbot.legacy.conftest import WriteFile
from tests.faceitbot.legacy.importing import run_import
from tests.factories import UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

DUPLICATE = (
    "record 4 (line 13, user 7): the user stands in record 1 already [duplicate_user]: user not imported."
)
TEXT = 'record 1 (line 3, user 7): user_id "7" is text [id_as_text]: user imported, read as a number.'
EXTRA = 'record 3 (line 9, user 8): unknown keys ["x"] [extra_keys]: user imported, kept out.'


def assert_nothing_written() -> None:
    assert not User.objects.exists()
    assert not ImportRun.objects.exists()


def test_a_cut_file_is_refused_with_its_place_and_nothing_is_written(write_file: WriteFile):
    whole = json.dumps({"users": [{"user_id": number} for number in range(1, 5000)]}, indent=1)

    outcome = run_import(write_file(whole[:50_000]), "--batch-size", "1")

    assert outcome.code == 2
    assert outcome.said == (
        "Nothing imported: line 5476, column 18: the file is cut: it ends within record 1825, "
        "which begins in line 5475."
    )
    assert_nothing_written()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--as-of", "soon"], "--as-of: 'soon' is not a date such as 2026-11-20T21:00"),
        (["--as-of", "2999-01-01"], "--as-of: 2999-01-01 lies in the future"),
        (
            ["--naive-tz", "Mars"],
            "argument --naive-tz: 'Mars' is not a time zone; write one such as Europe/Moscow",
        ),
        (["--batch-size", "0"], "argument --batch-size: '0' is not a number from 1 to 100000"),
    ],
)
def test_a_wrong_option_is_named(write_file: WriteFile, words: list[str], why: str):
    path = write_file([{"user_id": 7}])

    with pytest.raises(CommandError) as refused:
        call_command("import_legacy", str(path), *words)

    assert str(refused.value) == f"Error: {why}" if why.startswith("argument") else why
    assert_nothing_written()


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    outcome = run_import(tmp_path / "missing.json")

    assert (outcome.code, outcome.said) == (2, f"{tmp_path}/missing.json: No such file or directory.")


def test_a_report_that_cannot_be_written_is_found_out_first(write_file: WriteFile, tmp_path: Path):
    outcome = run_import(write_file([{"user_id": 7}]), "--report", str(tmp_path / "no" / "report.json"))

    assert (outcome.code, outcome.said) == (2, f"{tmp_path}/no/report.json: No such file or directory.")
    assert_nothing_written()


def test_a_report_never_takes_the_place_of_the_data(write_file: WriteFile):
    path = write_file([{"user_id": 7}])
    before = path.read_bytes()

    outcome = run_import(path, "--report", str(path))

    assert (outcome.code, outcome.said) == (2, f"--report: {path} is the data file itself")
    assert path.read_bytes() == before
    assert_nothing_written()


def test_a_file_of_another_program_is_refused_and_leaves_no_trace(write_file: WriteFile):
    path = write_file('{"name": "x", "version": "1.0", "scripts": {"build": "make"}}')

    outcome = run_import(path)

    assert outcome.code == 2
    assert "the file holds no record" in outcome.said
    assert_nothing_written()


def test_a_pipe_is_refused_by_name(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    outcome = run_import(pipe)

    assert (outcome.code, outcome.said) == (2, f"{pipe} is not a regular file; save it into one first")
    assert_nothing_written()


def test_the_files_time_is_asked_for_when_nothing_vouches_for_it(write_file: WriteFile):
    path = write_file([{"user_id": 7, "last_active_at": "2025-01-02T03:04:05Z"}])
    os.utime(path, (1735900000, 1735900000))

    outcome = run_import(path, as_of=None)

    assert outcome.code == 2
    assert "the newest date inside the file is 2025-01-02 03:04 UTC; say with --as-of" in outcome.said
    assert_nothing_written()


def test_a_fresh_file_tells_its_time_by_itself(write_file: WriteFile):
    path = write_file([{"user_id": 7, "last_active_at": "2025-01-02T03:04:05Z"}])
    os.utime(path, (1735787100, 1735787100))

    assert run_import(path, as_of=None).code == 0
    assert ImportRun.objects.get().as_of.timestamp() == 1735787100


def test_if_empty_does_nothing_when_there_is_a_user(write_file: WriteFile):
    UserFactory(telegram_id=9)

    outcome = run_import(write_file([{"user_id": 7}]), "--if-empty")

    assert (outcome.code, outcome.said) == (0, "There are users already; nothing imported.\n")
    assert [user.telegram_id for user in User.objects.all()] == [9]


def test_if_empty_imports_when_there_is_none(write_file: WriteFile):
    assert run_import(write_file([{"user_id": 7}]), "--if-empty").code == 0
    assert User.objects.count() == 1


def test_refused_records_exit_with_1_and_the_rest_is_in(write_file: WriteFile):
    outcome = run_import(write_file([{"user_id": number} for number in range(-25, 3)]))

    assert outcome.code == 1
    lines = outcome.said.splitlines()
    assert len(lines) == 22
    assert lines[0] == (
        "record 1 (line 3): user_id -25 is not between 1 and 2^52 [id_out_of_range]: user not imported."
    )
    assert lines[20] == "... and 6 more; --report FILE has them all."
    assert User.objects.count() == 2


def test_the_report_holds_every_refusal_and_every_note(write_file: WriteFile, tmp_path: Path):
    path = write_file([{"user_id": "7"}, {"user_id": None}, {"user_id": 8, "x": 1}, {"user_id": 7}])

    run_import(path, "--report", str(tmp_path / "report.json"))

    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report.pop("sha256") == ImportRun.objects.get().sha256
    assert report == {
        "file": "data.json",
        "as_of": "2026-11-01T00:00:00+00:00",
        "dry_run": False,
        "records": 4,
        "left_out": 0,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "newer": 0,
        "grants": 0,
        "grants_differing": 0,
        "referrals": 0,
        "refused": 2,
        "undecided": 0,
        "refusals": {"duplicate_user": 1, "id_missing": 1},
        "notes": {"extra_keys": 1, "id_as_text": 1},
        "access_to_decide": [],
        "refused_records": [
            {
                "record": 2,
                "line": 6,
                "telegram_id": None,
                "code": "id_missing",
                "sentence": "record 2 (line 6): user_id is missing [id_missing]: user not imported.",
            },
            {"record": 4, "line": 13, "telegram_id": 7, "code": "duplicate_user", "sentence": DUPLICATE},
        ],
        "noted_records": [
            {"record": 1, "line": 3, "telegram_id": 7, "code": "id_as_text", "sentence": TEXT},
            {"record": 3, "line": 9, "telegram_id": 8, "code": "extra_keys", "sentence": EXTRA},
        ],
    }


def test_the_history_keeps_the_run_and_its_refused_records(write_file: WriteFile):
    run_import(write_file([{"user_id": 7}, None], name="old.json"))

    run = ImportRun.objects.get()
    assert (run.file_name, run.state, len(run.sha256)) == ("old.json", "done", 64)
    assert run.finished_at is not None
    assert run.started_at <= run.finished_at
    assert run.counts["refusals"] == {"not_an_object": 1}
    assert list(ImportRefusal.objects.values_list("run", "record", "line", "telegram_id", "code")) == [
        (run.pk, 2, 6, None, "not_an_object")
    ]


def test_staff_sees_a_run_with_its_refused_records_and_changes_nothing(write_file: WriteFile, admin_client):
    run_import(write_file([{"user_id": 7}, {"user_id": True}], name="old.json"))
    run = ImportRun.objects.get()
    pages = "/admin/faceitbot/importrun/"

    listed = admin_client.get(pages, {"q": "old"}).content.decode()
    shown = admin_client.get(f"{pages}{run.pk}/change/").content.decode()

    assert "old.json" in listed
    assert "user_id true is not an integer" in shown
    for page in ("add/", f"{run.pk}/delete/"):
        assert admin_client.post(f"{pages}{page}", {"post": "yes"}).status_code == 403
    assert ImportRun.objects.get() == run


def test_a_log_gets_plain_lines_now_and_then(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    log = io.StringIO()

    with progress.stages(log)("reading", 400) as advance:
        advance(0)
        advance(100)

    assert log.getvalue().startswith("reading: 25 %, ")


def test_a_terminal_gets_a_bar():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    with progress.stages(terminal)("reading", 400) as advance:
        advance(400)

    assert "reading" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_a_refused_import_leaves_no_half_of_a_report(write_file: WriteFile, tmp_path: Path):
    outcome = run_import(write_file("{", name="cut.json"), "--report", str(tmp_path / "report.json"))

    assert outcome.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["cut.json"]
