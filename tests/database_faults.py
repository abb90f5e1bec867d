"""A database of a test's own that it may freeze, and whose connections it may end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from faceitbot.embedded import throw_away_servers
from tests.eventually import eventually
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
        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(migrate, cwd=ROOT, env=variables, check=True, timeout=300)
        yield variables


@contextmanager
def administrator(variables: Mapping[str, str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(variables["DATABASE_URL"], autocommit=True) as connection:
        yield connection


@contextmanager
def frozen(variables: Mapping[str, str]) -> Iterator[None]:
    """Stop the whole server, and let it go on afterwards."""
    processes = _server_processes(variables)
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


def _server_processes(variables: Mapping[str, str]) -> list[int]:
    with administrator(variables) as connection:
        folder = Path(connection.execute("SHOW data_directory").fetchone()[0])
        backends = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity")]
        own = connection.info.backend_pid
    postmaster = int((folder / "postmaster.pid").read_text().splitlines()[0])
    return [postmaster, *(pid for pid in backends if pid != own)]


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
