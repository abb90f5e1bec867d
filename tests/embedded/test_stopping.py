"""The end is quick and complete, whoever is still connected and however the launcher dies."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from faceitbot.embedded import Child, State
from tests.embedded.conftest import embedded
from tests.embedded.test_crash_recovery import is_gone, postmaster
from tests.eventually import eventually

LAUNCHER = """
import json, signal, sys
from pathlib import Path
from faceitbot.embedded import State, servers
state = State(Path(sys.argv[1]))
with state.hold(), servers(state, use_given=False) as urls:
    print(json.dumps([urls.database, urls.redis]), flush=True)
    signal.pause()
"""
PARENT = """
import signal
from faceitbot.embedded import Child
print(Child(["sleep", "60"], pdeathsig={pdeathsig}).process.pid, flush=True)
signal.pause()
"""
ROOT = Path(__file__).resolve().parents[2]


def descendants(pid: int) -> list[int]:
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [further for child in children for further in descendants(child)]


def test_a_stop_with_an_open_transaction_is_quick_and_ends_the_server(state: State) -> None:
    # given
    with embedded(state) as urls:
        pid = postmaster(state)
        client = psycopg.connect(urls.database)
        client.execute("SELECT 1")
        begun = time.monotonic()

    # when, then
    assert time.monotonic() - begun < 5
    assert is_gone(pid)
    with pytest.raises(psycopg.OperationalError):
        client.execute("SELECT 1")
    client.close()


def test_a_killed_launcher_leaves_no_orphan_and_the_next_start_finds_the_data(state: State) -> None:
    # given
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, state.folder], stdout=subprocess.PIPE, cwd=ROOT
    ) as launcher:
        database, _redis = json.loads(launcher.stdout.readline())
        with psycopg.connect(database) as connection:
            connection.execute("CREATE TABLE kept ()")
        children = descendants(launcher.pid)
        assert len(children) > 2  # PostgreSQL, its workers, Valkey

        # when
        launcher.kill()

    # then: a start that does not wait for the end of the old servers would fail
    with state.hold(), embedded(state) as urls, psycopg.connect(urls.database) as connection:
        assert connection.execute("SELECT to_regclass('kept')::text").fetchone() == ("kept",)
    eventually(lambda: all(is_gone(child) for child in children))


@pytest.mark.parametrize("pdeathsig", [True, False], ids=["by the kernel", "by a watcher on a pipe"])
def test_a_child_dies_with_a_killed_parent(pdeathsig: bool) -> None:
    # given
    script = PARENT.format(pdeathsig=pdeathsig)
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT)
    child = int(parent.stdout.readline())
    assert not is_gone(child)

    # when
    parent.kill()

    # then
    parent.communicate()
    eventually(lambda: is_gone(child))


def test_a_child_that_is_stopped_takes_its_watcher_along() -> None:
    # given
    child = Child(["sleep", "60"], pdeathsig=False)
    before = descendants(os.getpid())

    # when
    code = child.stop()

    # then
    assert code == -signal.SIGTERM
    assert len(before) - len(descendants(os.getpid())) == 2


def test_a_child_that_ignores_the_first_signal_gets_the_next() -> None:
    # given
    child = Child(
        ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"], stdout=subprocess.PIPE
    )
    assert child.process.stdout.readline() == b"ready\n"

    # when
    code = child.stop(within=0.3)

    # then
    assert code == -signal.SIGKILL
    child.process.stdout.close()
