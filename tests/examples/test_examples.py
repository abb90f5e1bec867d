"""The examples run as they are printed, in a process of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.django_db(transaction=True)


def database_url():
    """Give the URL of the test database, as another process needs it."""
    settings = connection.settings_dict
    return (
        f"postgresql://{quote(settings['USER'])}:{quote(settings['PASSWORD'], safe='')}"
        f"@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    )


def run(script):
    return subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT), "LOG_LEVEL": "WARNING"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_bots_session_runs():
    result = run(ROOT / "examples" / "bot_session.py")

    assert result.stderr == ""
    assert result.stdout.splitlines()[:4] == [
        "5000000001 has made 1 requests",
        "linked to Мария_CS, still waiting: False",
        "faceit_account_taken: another user has linked this FACEIT account",
        "50 requests counted",
    ]


def test_the_readme_shows_an_example_that_runs(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    script = tmp_path / "bot.py"
    script.write_text(example, encoding="utf-8")

    result = run(script)

    assert result.stderr == ""
    assert result.stdout != ""
