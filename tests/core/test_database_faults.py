"""A database that stops answering, or restarts: callers learn it in time, nothing acknowledged is lost."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from faceitbot.embedded import throw_away_servers

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def environment():
    """Servers of this module's own, with an empty migrated database."""
    with throw_away_servers(ROOT, use_given=False) as urls:
        variables = {
            **os.environ,
            "DATABASE_URL": urls.database,
            "REDIS_URL": urls.redis,
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }
        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(migrate, cwd=ROOT, env=variables, check=True, timeout=60)
        yield variables


@pytest.fixture
def worker(environment):
    command = [sys.executable, str(Path(__file__).with_name("faults_worker.py"))]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()
        assert process.wait(30) == 0


def ask(worker, command):
    worker.stdin.write(command + "\n")
    return lambda: json.loads(worker.stdout.readline())


@contextmanager
def administrator(environment):
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        yield connection


def server_processes(environment):
    """Give the process ids of the whole server."""
    with administrator(environment) as connection:
        folder = Path(connection.execute("SHOW data_directory").fetchone()[0])
        backends = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity")]
        own = connection.info.backend_pid
    postmaster = int((folder / "postmaster.pid").read_text().splitlines()[0])
    return [postmaster, *(pid for pid in backends if pid != own)]


def test_callers_of_a_frozen_database_are_told_in_time(environment, worker, report):
    processes = server_processes(environment)
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        frozen = ask(worker, "burst")()
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)

    assert frozen["outcomes"] == {"DatabaseUnavailable": 40}
    assert frozen["longest"] < 8
    report(f"frozen: 40 callers were told after {frozen['longest']} s at the latest")


@pytest.mark.proof("restart")
def test_a_restart_loses_no_acknowledged_write(environment, worker, full_size, report):
    """Every connection is ended while thirty-two writers work."""
    seconds, restarts = (20, 10) if full_size else (3, 2)
    answer = ask(worker, f"write {seconds}")
    with administrator(environment) as connection:
        for restart in range(1, restarts + 1):
            written = "SELECT count(*) FROM users"
            before = connection.execute(written).fetchone()[0]
            while connection.execute(written).fetchone()[0] < before + 20 * restart:
                pass
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'faceitbot'"
            )
        written = answer()
        stored = {row[0] for row in connection.execute("SELECT telegram_id FROM users")}

    lost = set(written["acknowledged"]) - stored
    report(
        f"{restarts} times all connections ended under 32 writers: {len(written['acknowledged'])} writes"
        f" acknowledged, {len(lost)} lost, failures {written['failures']}"
    )
    assert lost == set()
    assert len(written["acknowledged"]) > 20 * restarts
    assert set(written["failures"]) <= {"DatabaseUnavailable", "OutcomeUnknown"}
