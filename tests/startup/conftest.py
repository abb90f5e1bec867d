"""A copy of this checkout, as a stranger would have it, and dev.py as a process in it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.eventually import eventually

ROOT = Path(__file__).resolve().parents[2]
VENV = Path(sys.prefix)
LEFT_BEHIND = (
    ".git",
    ".venv",
    ".faceitbot",
    "staticfiles",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    "*.egg-info",
)
OURS = {
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "DEBUG",
    "DJANGO_SETTINGS_MODULE",
    "HTTPS",
    "PYTHONPATH",
    "REDIS_URL",
    "SECRET_KEY",
    "STATIC_ROOT",
    "VIRTUAL_ENV",
}


def strangers_environment(**more: str) -> dict[str, str]:
    """The environment without what dev.py has put into ours."""
    return {name: value for name, value in os.environ.items() if name not in OURS} | more


def copy_checkout(target: Path) -> Path:
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*LEFT_BEHIND), symlinks=True)
    return target


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Checkout:
    """A copy of the project that shares our virtual environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def dev(self, *words: str, timeout: float = 120, **more: str) -> subprocess.CompletedProcess[str]:
        """Run dev.py to its end."""
        return subprocess.run(
            [sys.executable, self.folder / "dev.py", *words],
            env=strangers_environment(**more),
            cwd="/",
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def start(self, *words: str, python: str = sys.executable, **more: str) -> "Running":
        """Start `dev.py run` and wait until it says that it is up."""
        return Running(self.folder, words, python, strangers_environment(**more))


class Running:
    """A `dev.py run`, and what it has said so far."""

    def __init__(self, folder: Path, words: tuple[str, ...], python: str, env: dict[str, str]) -> None:
        self.port = free_port()
        self.said = ""
        self.process = subprocess.Popen(
            [python, folder / "dev.py", "run", "--port", str(self.port), *words],
            env=env,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        eventually(lambda: "stop    Ctrl-C" in self.said or self.process.poll() is not None, within=180)
        assert "stop    Ctrl-C" in self.said, self.said

    def _read(self) -> None:
        with self.process.stdout as output:
            for line in output:
                self.said += line

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/admin/"

    def end(self, number: int) -> int:
        """Send a signal to dev.py alone, wait for its end, and give its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        self._reader.join(timeout=10)
        return code


def lent_checkout(folder: Path) -> Iterator[Checkout]:
    if not (VENV / "installed.txt").exists():
        pytest.skip("these tests lend the .venv that dev.py made; run them by `python3 dev.py test`")
    made = Checkout(copy_checkout(folder / "faceitbot"))
    (made.folder / ".venv").symlink_to(VENV)
    yield made
    made.dev("reset", "--yes")


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout in which nothing runs, for tests that start and stop."""
    yield from lent_checkout(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="session")
def served_checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    yield from lent_checkout(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def served(served_checkout: Checkout) -> Iterator[Running]:
    """A `dev.py run` in a checkout of its own, for tests that only look at it."""
    up = served_checkout.start()
    yield up
    up.end(signal.SIGTERM)


@pytest.fixture
def running(checkout: Checkout) -> Iterator[Callable[..., Running]]:
    """Starts `dev.py run` as often as asked; what still runs in the end is stopped."""
    started: list[Running] = []

    def start(*words: str) -> Running:
        started.append(checkout.start("--no-sample", *words))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.end(signal.SIGTERM)
