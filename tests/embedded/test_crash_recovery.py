"""What was committed survives the death of the server and of its launcher."""

import os
import signal
from pathlib import Path

import psycopg

from faceitbot.embedded import Child, State
from faceitbot.embedded.accounts import server_account
from tests.embedded.conftest import embedded
from tests.eventually import eventually


def postmaster(state: State) -> int:
    return int((state.folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody has waited for counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_committed_rows_survive_a_killed_server(state: State) -> None:
    # given
    with embedded(state) as urls, psycopg.connect(urls.database, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept VALUES (42)")
        killed = postmaster(state)

        # when
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: is_gone(killed))

    # then
    assert (state.folder / "postgres" / "data" / "postmaster.pid").exists()
    with embedded(state) as urls, psycopg.connect(urls.database) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(42,)]
        assert postmaster(state) != killed


def test_a_stale_pid_file_that_names_a_living_stranger_does_not_stop_the_start(state: State) -> None:
    # given: after a crash and a reboot the number may belong to any process of the servers' account
    with embedded(state):
        pass
    stranger = Child(["sleep", "60"], account=server_account())
    data = state.folder / "postgres" / "data"
    (data / "postmaster.pid").write_text(f"{stranger.process.pid}\n{data}\n")

    # when
    with embedded(state) as urls, psycopg.connect(urls.database) as connection:
        answer = connection.execute("SELECT 1").fetchone()

    # then
    assert answer == (1,)
    assert stranger.is_running()
    stranger.stop()


def test_a_half_made_cluster_is_made_again(state: State) -> None:
    # given: the very first start was killed on its way
    unfinished = state.folder / "postgres" / "unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    # when
    with embedded(state) as urls, psycopg.connect(urls.database) as connection:
        answer = connection.execute("SELECT current_database()").fetchone()

    # then
    assert answer == ("faceitbot",)
    assert not unfinished.exists()
