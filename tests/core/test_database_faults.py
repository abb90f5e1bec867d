"""A database that stops answering, or restarts: callers learn it in time, nothing acknowledged is lost."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.database_faults import administrator, frozen, own_servers
from tests.eventually import eventually

END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'faceitbot'"
TOTALS = {
    "touch": "SELECT telegram_id, total_requests FROM users WHERE telegram_id <= 40",
    "consume": (
        "SELECT telegram_id, daily_requests FROM users JOIN user_subscriptions ON user_id = users.id"
        " WHERE telegram_id <= 40"
    ),
}
pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def environment():
    """Servers of this module's own."""
    with own_servers() as variables:
        with administrator(variables) as connection:
            # The servers of tests are quick, not safe; what is acknowledged here must outlive a crash.
            name = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = on").format(name))
            connection.execute("UPDATE tier_limits SET daily_requests = 1000000 WHERE tier = 'free'")
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


@pytest.mark.parametrize("command", ["burst", "look"])
def test_callers_of_a_frozen_database_are_told_in_time(environment, worker, command, report):
    with frozen(environment):
        told = ask(worker, command)()

    assert told["outcomes"] == {"DatabaseUnavailable": 40}
    assert told["longest"] < 8
    report(f"frozen, {command}: 40 callers were told after {told['longest']} s at the latest")


def test_who_waits_for_a_frozen_database_may_leave(environment, worker, report):
    with frozen(environment):
        told = ask(worker, "leave 0.5")()

    assert told["outcome"] == "TimeoutError"
    assert told["stayed"] < 2
    report(f"frozen, leave 0.5: the caller was gone after {told['stayed']:.1f} s")
    assert ask(worker, "look")()["outcomes"] == {"done": 40}


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
            connection.execute(END_ALL)
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


@pytest.mark.proof("restart")
@pytest.mark.parametrize("counting", ["touch", "consume"])
@pytest.mark.parametrize("ended", ["its connections", "the server"])
def test_no_acknowledged_count_is_lost_and_nothing_is_counted_twice(
    environment, worker, ended, counting, full_size, report
):
    """Forty tasks count and eight look up, on connections of the event loop, while they or the server end."""
    seconds, times = (20, 10) if full_size else (3, 2)
    before = totals(environment, counting)
    answer = ask(worker, f"{counting} {seconds}")
    for number in range(1, times + 1):
        wanted = sum(before.values()) + 200 * number
        eventually(lambda: sum(totals(environment, counting).values()) >= wanted)  # noqa: B023
        end_its_connections(environment) if ended == "its connections" else crash(environment)
    told = answer()
    after = totals(environment, counting)

    acknowledged = {int(key): number for key, number in told["acknowledged"].items()}
    counted = {key: after[key] - before[key] for key in after}
    surplus = sum(counted.values()) - sum(acknowledged.values())
    report(
        f"{counting}: {times} times {ended} ended under 40 counters: {sum(acknowledged.values())} counts"
        f" acknowledged, {surplus} more counted, {told['unknown']} of unknown outcome, longest pause"
        f" {told['longest_gap']} s, failures {told['failures']}, ways {told['ways']}"
    )
    assert all(counted[key] >= number for key, number in acknowledged.items())
    assert 0 <= surplus <= told["unknown"]
    assert told["ways"]["pool"] > sum(acknowledged.values()) / 2
    assert {failure.split()[1] for failure in told["failures"]} <= {"DatabaseUnavailable", "OutcomeUnknown"}


def totals(environment, counting):
    """Give the counted requests of each of the forty users; a server that comes back is waited for."""

    def read():
        try:
            with administrator(environment) as connection:
                return dict(connection.execute(TOTALS[counting]).fetchall())
        except psycopg.OperationalError:
            return None

    return eventually(read)


def end_its_connections(environment):
    with administrator(environment) as connection:
        connection.execute(END_ALL)


def crash(environment):
    """Kill one process of the server: it ends all others, recovers, and refuses connections meanwhile."""
    with administrator(environment) as connection:
        found = "SELECT pid FROM pg_stat_activity WHERE application_name = 'faceitbot'"
        [(pid,), *_others] = eventually(lambda: connection.execute(found).fetchall())
    os.kill(pid, signal.SIGKILL)
