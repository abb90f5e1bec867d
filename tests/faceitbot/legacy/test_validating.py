"""`validate_legacy` says of a file what an import would, and asks no database."""

from pathlib import Path

import pytest

from tests.faceitbot.legacy.conftest import WriteFile
from tests.faceitbot.legacy.importing import run_import
from tests.faceitbot.legacy_check.old_bot import run

DIRTY = [
    {"user_id": 1, "subscription": {"tier": "pro", "expires_at": "2025-13-45"}},
    {"user_id": "2", "total_requests": -1},
    *[{"user_id": 1}] * 22,
]


def test_a_clean_file_can_be_imported(write_file: WriteFile):
    outcome = run("validate_legacy", write_file([{"user_id": 1}, {"user_id": 2}]))

    assert (outcome.code, outcome.said) == (0, "2 records: 2 can be imported, 0 refused.\n")


def test_records_that_would_be_refused_are_told(write_file: WriteFile):
    path = write_file(DIRTY)

    outcome = run("validate_legacy", path)

    assert outcome.code == 1
    lines = outcome.said.splitlines()
    assert lines[0] == (
        'record 1 (line 3, user 1): subscription.expires_at "2025-13-45" is not a date [date_unreadable]: '
        "user imported, paid access NOT granted, decide by hand."
    )
    assert "duplicate_user" in lines[1]
    assert lines[21] == "... and 2 more; --all prints them."
    assert lines[-1] == "24 records: 2 can be imported, 22 refused."
    assert len(run("validate_legacy", path, "--all").said.splitlines()) == len(lines) + 1


@pytest.mark.django_db
def test_it_says_what_the_import_says(write_file: WriteFile):
    path = write_file(DIRTY[:6])

    validated, imported = run("validate_legacy", path), run_import(path)

    assert validated.code == imported.code
    assert validated.said.splitlines()[:-1] == imported.said.splitlines()[:-1]


def test_a_file_that_is_cut_is_refused_with_its_place(write_file: WriteFile):
    outcome = run("validate_legacy", write_file(b'[{"user_id": 1}, {"user_id"'))

    assert outcome.code == 2
    assert outcome.said == (
        "The file cannot be imported: line 1, column 28: the file is cut: it ends within record 2, "
        "which begins in line 1."
    )


def test_a_folder_is_no_file(tmp_path: Path):
    outcome = run("validate_legacy", tmp_path)

    assert (outcome.code, outcome.said) == (
        2,
        f"{tmp_path} is not a regular file; save it into one first",
    )
