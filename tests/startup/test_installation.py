"""The first start makes `.venv`; what is missing for it is told in one sentence, and tried again."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.startup.conftest import Checkout, Running, copy_checkout, strangers_environment

PYTHON = str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))
LOCKED = re.compile(r"^\S.*==.*\n(?: .*\n)*", re.MULTILINE)  # one requirement with its hashes
FEW = ("uv==", "sqlparse==", "asgiref==")
HIDE = """
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in {names!r} else find_spec(name, package)
"""


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """A checkout in which nothing was ever started."""
    return copy_checkout(tmp_path / "faceitbot")


def exec_true(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, folder / "dev.py", "exec", "--fresh", "--", "python", "-c", "import django; print('here')"],
        env=strangers_environment(**more),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def from_nothing_to_a_list(folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Make `.venv` of few requirements, and run in there what needs no others."""
    lock = folder / "requirements-dev.txt"
    needed = [found for found in LOCKED.findall(lock.read_text(encoding="utf-8")) if found.startswith(FEW)]
    lock.write_text("".join(needed), encoding="utf-8")
    return subprocess.run(
        [PYTHON, folder / "dev.py", "prove"],
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def hiding(folder: Path, *names: str) -> str:
    """Give a folder for PYTHONPATH that makes Python look as if it had no such modules."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HIDE.format(names=names))
    return str(folder)


def test_a_python_without_ensurepip_and_pip_is_told_what_to_install(stranger: Path, tmp_path: Path) -> None:
    done = exec_true(stranger, PYTHONPATH=hiding(tmp_path / "hide", "ensurepip", "pip"))

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"dev.py: {PYTHON} has neither ensurepip nor pip: install one of them first"
        " (Debian, Ubuntu: apt install python3-venv)."
    )
    assert not (stranger / ".venv").exists()


def test_without_a_network_there_is_one_sentence_and_no_belief_in_what_was_half_made(stranger: Path) -> None:
    # given
    nowhere = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "1",
        "PIP_FIND_LINKS": "",
    }

    # when
    first, second = exec_true(stranger, **nowhere), exec_true(stranger, **nowhere)

    # then
    for done in (first, second):
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.splitlines()[-1] == (
            "dev.py: The requirements could not be downloaded: no package index answers."
            " Look at the network, or at the index that `pip config list` names, and start again."
        )
        assert "Traceback" not in done.stderr
    assert not (stranger / ".venv" / "installed.txt").exists()


def test_a_lent_environment_that_does_not_fit_is_left_alone(checkout: Checkout, stranger: Path) -> None:
    # given
    (stranger / ".venv").symlink_to(checkout.folder / ".venv")
    with (stranger / "requirements-dev.txt").open("a") as lock:
        lock.write("# changed\n")

    # when
    done = exec_true(stranger)

    # then
    assert done.returncode == 1
    assert done.stderr.startswith(f"dev.py: {stranger}/.venv leads to ")
    assert (checkout.folder / ".venv" / "bin" / "python").exists()


@pytest.mark.proof("startup")
def test_from_nothing_to_the_admin_and_without_ensurepip(
    stranger: Path, tmp_path: Path, full_size: bool
) -> None:
    # given
    env = strangers_environment(PYTHONPATH=hiding(tmp_path / "hide", "ensurepip"))
    if not full_size:
        listed = from_nothing_to_a_list(stranger, env)

        assert listed.returncode == 0, listed.stderr
        assert "startup" in listed.stdout.split()
        assert "requirements: " in listed.stderr
        assert (stranger / ".venv" / "installed.txt").exists()
        return

    # when
    up = Running(stranger, ("--no-sample",), PYTHON, env)

    # then
    try:
        assert "requirements: " in up.said
        assert (stranger / ".venv" / "installed.txt").exists()
    finally:
        assert up.end(15) == 0
        Checkout(stranger).dev("reset", "--yes")
