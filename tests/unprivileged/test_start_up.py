"""What starts processes and servers, once more under an account without privileges.

Where the suite runs as root the servers have another account, and root may read and write everything: so it
says nothing about somebody who may not.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.startup.conftest import copy_checkout, strangers_environment

ACCOUNT = "nobody"
TESTS = ("tests/startup/test_run.py", "tests/startup/test_installation.py", "tests/embedded")
PYTHONS = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the suite itself runs without privileges")


def account() -> dict[str, Any]:
    """Give what has a process run under the account."""
    entry = pwd.getpwnam(ACCOUNT)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def python_of_account() -> str:
    """Give a Python, new enough, that the account may run; root's own is often in root's home."""
    folders = [folder for folder in os.get_exec_path() if folder != str(Path(sys.executable).parent)]
    for name in PYTHONS:
        for folder in (*folders, "/usr/bin"):
            found = shutil.which(name, path=folder)
            if found and is_new_enough(found):
                return found
    pytest.skip(f"the account {ACCOUNT} can run no Python 3.11 of this machine")


def is_new_enough(python: str) -> bool:
    try:
        asked = subprocess.run(
            [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"],
            **account(),
            cwd="/",
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return False
    return asked.returncode == 0


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of the account's; not in pytest's, which nobody else may enter."""
    path = Path(tempfile.mkdtemp(prefix="faceitbot-unprivileged-", dir="/tmp"))
    copy_checkout(path / "faceitbot")
    for name in ("home", "tmp"):
        (path / name).mkdir()
    subprocess.run(["chown", "-R", ACCOUNT, path], check=True)
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)  # what was stopped may still be writing


def test_everything_that_starts_something_passes(place):
    python = python_of_account()
    env = strangers_environment(HOME=str(place / "home"), TMPDIR=str(place / "tmp"))
    env = {name: value for name, value in env.items() if not name.startswith("PYTEST_")}
    folder = place / "faceitbot"

    said = place / "said.txt"
    with said.open("w") as output:
        process = subprocess.Popen(
            [python, folder / "dev.py", "test", *TESTS, "-q"],
            **account(),
            env=env,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code: int | str = process.wait(timeout=900)
        except subprocess.TimeoutExpired:
            code = "not ended within 900 s"
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)

    told = said.read_text(encoding="utf-8")
    assert code == 0, told[-20_000:]
    assert " passed" in told
