"""An upgrade from before the newest migration, and the way back: `python3 dev.py prove upgrade`."""

import json
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from contextlib import contextmanager

import pytest

from tests.faceitbot.health.asking import HealthAsker
from tests.faceitbot.operations.production import blocks, production
from tests.other_process import ROOT
from tests.startup.conftest import free_port

pytestmark = [pytest.mark.proof("upgrade"), pytest.mark.alone]
DAYS, QUIET = 7, ("--no-access-log", "--log-level", "error")
FIGURES = """psql -At "$DATABASE_URL" -c 'SELECT (SELECT count(*) FROM users),
    (SELECT sum(requests) FROM user_activity), (SELECT count(*) FROM grants),
    (SELECT coalesce(sum(amount), 0) FROM payments), (SELECT count(*) FROM audit_entries)'"""
TABLES = """
from users.repositories import UserRepository
from subscriptions.repositories import SubscriptionRepository
user = UserRepository().touch.blocking({number})
print(SubscriptionRepository().consume_request.blocking(user.pk).allowed)
"""


def command(word):
    """Give the command of the document that has this word; what it calls .venv is on our PATH."""
    (line,) = (line for line in blocks("Upgrade")[0].splitlines() if word in line)
    return line.replace(".venv/bin/", "")


def git(*words):
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def older(tmp_path, full_size):
    """A checkout of the commit before the newest migration, and the migrations that came since."""
    if not full_size:
        pytest.skip("needs servers of its own; python3 dev.py prove upgrade")
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this checkout has no history")
    newest = git("log", "-1", "--format=%H", "--diff-filter=A", "--", "*/migrations/0*.py")
    folder = tmp_path / "older"
    folder.mkdir()
    git("archive", "--output", str(tmp_path / "older.tar"), f"{newest}^")
    with tarfile.open(tmp_path / "older.tar") as archive:
        archive.extractall(folder, filter="data")
    return folder


@contextmanager
def serving(there, folder):
    """Serve a version's pages, and give the seconds until it was ready."""
    port, began = free_port(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "faceitbot.asgi:application", "--port", str(port), *QUIET],
        cwd=folder,
        env={**there.variables, "PYTHONPATH": str(folder)},
    )
    asker = HealthAsker(f"http://127.0.0.1:{port}")
    try:
        asker.seconds_until_ready_says(200, "fine", within=60)
        yield time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def tables_according_to(there, folder):
    told = json.loads(there.run("python manage.py doctor --json", check=False, folder=folder).stdout)
    return {check["name"]: check for check in told["checks"]}["migrations"]


def applied(there, folder):
    listed = there.run("python manage.py showmigrations --plan", folder=folder).stdout
    return [line.split()[-1] for line in listed.splitlines() if line.startswith("[X]")]


def before(migration):
    """Give the words of `migrate` that go back to before a migration of ours."""
    app, _dot, name = migration.partition(".")
    number = int(name[:4]) - 1
    return f"{app} {number:04d}" if number else f"{app} zero"


def test_up_and_back(older, tmp_path, report):
    static = {"STATIC_ROOT": str(tmp_path / "static"), "DEBUG": "false"}
    with production(is_migrated=False) as there:
        there.run("python manage.py migrate -v0", folder=older)
        there.run(f"python manage.py simulate_traffic --days {DAYS}", folder=older)
        figures, old = there.run(FIGURES).stdout, applied(there, older)

        began = time.monotonic()
        there.run(command("pg_dump").replace("before.dump", f"{tmp_path}/before.dump"))
        dumped = time.monotonic() - began
        began = time.monotonic()
        there.run(command("migrate"))
        migrated = time.monotonic() - began
        there.run(command("collectstatic"), **static)
        with serving(there, ROOT) as up:
            assert tables_according_to(there, ROOT)["state"] == "fine"
        assert there.run(FIGURES).stdout == figures
        there.run("python manage.py check_integrity")
        new = [each for each in applied(there, ROOT) if each not in old]
        assert new, "there is nothing to go back to"

        with serving(there, older) as back:
            told = tables_according_to(there, older)
            assert (told["state"], told["sentence"]) == (
                "degraded",
                "The tables are those of a newer version than this program.",
            )
        assert there.python(TABLES.format(number=5), folder=older) == "True"
        figures = there.run(FIGURES).stdout
        began = time.monotonic()
        for migration in reversed(new):
            there.run(f"python manage.py migrate {before(migration)}")
        undone = time.monotonic() - began
        assert tables_according_to(there, older)["state"] == "fine"
        assert there.run(FIGURES).stdout == figures
        assert there.python(TABLES.format(number=6), folder=older) == "True"

    report(
        f"{DAYS} days of traffic: dump {dumped:.1f} s, {len(new)} migrations {migrated:.1f} s, "
        f"ready {up:.1f} s after its start; back: ready {back:.1f} s, migrations undone {undone:.1f} s"
    )
