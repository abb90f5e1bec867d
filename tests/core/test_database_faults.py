"""A database that stops answering, or restarts: callers learn it in time, nothing acknowledged is lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.database_faults import administrator, frozen, own_servers

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def environment():
    """Servers of this module's own."""
    with own_servers() as variables:
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


def test_callers_of_a_frozen_database_are_told_in_time(environment, worker, report):
    with frozen(environment):
        told = ask(worker, "burst")()

    assert told["outcomes"] == {"DatabaseUnavailable": 40}
    assert told["longest"] < 8
    report(f"frozen: 40 callers were told after {told['longest']} s at the latest")


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
