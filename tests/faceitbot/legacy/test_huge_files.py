"""Files made to hang or to fill a machine get a clear answer in seconds, in little memory; no user comes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.faceitbot.legacy.test_stopped_imports import database_url
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)

MOST_SECONDS = 60.0  # they take less than one; this is for a machine that does other things, too
MOST_MEBIBYTES = 256
USER = b'{"user_id": 7, "x": '
FILES = {
    "empty.json": b"",
    "mark_alone.json": b"\xef\xbb\xbf",
    "cut.json": b'{"users": [{"user_id": 7}, {"user_id"',
    "utf_16.json": '{"users": []}'.encode("utf-16"),
    "open_brackets.json": b'{"users": ' + b"[" * 200_000,
    "nested.json": b"[" + USER + b"[" * 200_000 + b"]" * 200_000 + b"}]",
    "twice.json": b"[" + USER + b'1, "x": 2}]',
    "long_number.json": b"[" + USER + b"9" * 6_000 + b"}]",
    "long_text.json": b"[" + USER + b'"' + b"a" * 30_000_000 + b'"}]',
}
SPARSE = "sparse.json"
ANSWERS = {
    "empty.json": (2, "line 1, column 1: the file is empty"),
    "mark_alone.json": (2, "line 1, column 1: the file is empty"),
    "cut.json": (2, "the file is cut: it ends within record 2"),
    "utf_16.json": (2, "the file is not UTF-8 (it looks like UTF-16)"),
    "open_brackets.json": (2, "the file is cut"),
    "nested.json": (1, "[json_too_deep]"),
    "twice.json": (1, "[json_duplicate_key]"),
    "long_number.json": (1, "[json_number]"),
    "long_text.json": (2, "one record takes more than 4 MiB"),
    SPARSE: (2, "line 1, column 12: "),
}


def test_a_hostile_file_gets_its_answer_in_seconds_and_in_little_memory(tmp_path: Path):
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    with (tmp_path / SPARSE).open("wb") as file:
        file.write(b'{"users": [')
        file.truncate(2 * 2**30)

    child = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.faceitbot.legacy.hostile_imports",
            *(str(tmp_path / name) for name in ANSWERS),
        ],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url()},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )

    answers = [json.loads(line) for line in child.stdout.splitlines()]
    assert [name for name, *_rest in answers] == list(ANSWERS)
    for name, code, said, seconds, mebibytes in answers:
        expected, sentence = ANSWERS[name]
        assert (code, sentence in said) == (expected, True), (name, code, said)
        assert seconds < MOST_SECONDS, (name, seconds)
        assert mebibytes < MOST_MEBIBYTES, (name, mebibytes)
    assert "Traceback" not in child.stderr
    assert not User.objects.exists()
