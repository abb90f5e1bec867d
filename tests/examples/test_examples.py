"""The examples run as they are printed, in a process of their own."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.other_process import environment

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.django_db(transaction=True)


def run(script):
    return subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=ROOT,
        env=environment(),
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


def test_an_old_bots_session_runs_on_the_database():
    result = run(ROOT / "examples" / "moved_storage.py")

    assert result.stderr == ""
    assert result.stdout.splitlines() == [
        "maria_cs, en: 50",
        "['active_users', 'total_requests', 'total_users']",
    ]


def test_the_readme_shows_an_example_that_runs(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    script = tmp_path / "bot.py"
    script.write_text(example, encoding="utf-8")

    result = run(script)

    assert result.stderr == ""
    assert result.stdout != ""


def test_the_guide_shows_an_analysis_that_is_really_made(tmp_path):
    guide = (ROOT / "docs" / "bot-developers.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    (shown,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    script = tmp_path / "analysis.py"
    script.write_text(example, encoding="utf-8")

    result = run(script)

    assert result.stderr == ""
    assert json.loads(result.stdout) == json.loads(shown)
