"""A database of a test's own that it may freeze, and whose connections it may end."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from faceitbot.embedded import throw_away_servers
from tests.eventually import eventually
from tests.migrated import migrate
from tests.other_process import ROOT


@contextmanager
def own_servers() -> Iterator[dict[str, str]]:
    """Give the variables of processes that work on an empty migrated database and a Valkey of their own."""
    with throw_away_servers(ROOT, use_given=False) as urls:
        variables = {
            **os.environ,
            "DATABASE_URL": urls.database,
            "REDIS_URL": urls.redis,
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }
        migrate(variables)
        yield variables


@contextmanager
def administrator(variables: Mapping[str, str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(variables["DATABASE_URL"], autocommit=True) as connection:
        yield connection


@contextmanager
def frozen(variables: Mapping[str, str]) -> Iterator[None]:
    """Stop the whole server, and let it go on afterwards."""
    postmaster = _postmaster(variables)
    os.kill(postmaster, signal.SIGSTOP)  # first, so that it begets nobody meanwhile
    children = [
        int(pid) for pid in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    ]
    for pid in children:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in (*children, postmaster):
            os.kill(pid, signal.SIGCONT)


def _postmaster(variables: Mapping[str, str]) -> int:
    with administrator(variables) as connection:
        folder = Path(connection.execute("SHOW data_directory").fetchone()[0])
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


@contextmanager
def successors_of_servers() -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Give a list for servers that were started anew; they end with the block."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        os.kill(process.pid, signal.SIGINT)
        process.wait(30)


class Stopped:
    """A server that was stopped as an operator does it; `start` brings it back on the same port, once."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        with administrator(variables) as connection:
            folder = Path(connection.execute("SHOW data_directory").fetchone()[0])
        pid_file = folder / "postmaster.pid"
        pid = int(pid_file.read_text().splitlines()[0])
        process = Path(f"/proc/{pid}")
        self._command = process.joinpath("cmdline").read_bytes().rstrip(b"\0").decode().split("\0")
        self._owner = process.stat()
        os.kill(pid, signal.SIGINT)
        eventually(lambda: not pid_file.exists(), within=30)

    def start(self) -> subprocess.Popen[bytes]:
        """Start it again; whoever does so ends it by SIGINT."""
        return subprocess.Popen(
            self._command,
            cwd="/",
            user=self._owner.st_uid,
            group=self._owner.st_gid,
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
