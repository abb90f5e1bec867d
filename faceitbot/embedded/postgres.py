"""A PostgreSQL of our own: made once, started on a free port, stopped quickly."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from faceitbot.embedded.accounts import Account, private_folder
from faceitbot.embedded.errors import StartError
from faceitbot.embedded.ports import LOOPBACK, candidates
from faceitbot.embedded.processes import Child
from faceitbot.embedded.state import State

NAME = "faceitbot"  # of the role and of the database
SECONDS_TO_START = 60.0  # recovery after a crash is part of the start
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_BUILTIN_LOCALE_SINCE = 17
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_preload_libraries": "pg_stat_statements",
}
_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def postgres(
    state: State, programs: Path, account: Account | None, *, durable: bool, tuning: Mapping[str, str]
) -> Iterator[str]:
    """Run PostgreSQL on the data in the state folder and give its URL.

    Without `durable` it is faster and a crash of the machine may spoil its data. `tuning` are more settings.
    """
    home = private_folder(state.folder / "postgres", account)
    password = state.secret("postgres.password")
    with state.lock_for_child("postgres.lock") as lock:
        if not (home / "data").is_dir():
            _make_cluster(home, programs, account, password, durable=durable)
        # The lock says that no server uses this data, so whatever process has the number now is a stranger.
        (home / "data" / "postmaster.pid").unlink(missing_ok=True)
        settings = {**_SETTINGS, **({} if durable else _THROW_AWAY), **tuning}
        server, port = _start(state, home / "data", programs, account, lock, settings)
    try:
        state.remember_port("postgres", port)
        yield f"postgresql://{NAME}:{password}@{LOOPBACK}:{port}/{NAME}"
    finally:
        # SIGINT closes the clients' connections; SIGTERM would wait for them.
        server.stop(signal.SIGQUIT)


def _make_cluster(
    home: Path, programs: Path, account: Account | None, password: str, *, durable: bool
) -> None:
    """Make the data folder, complete or not at all."""
    unfinished = home / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    password_file = home / "initdb.password"
    password_file.touch(mode=0o600)
    try:
        if account:
            shutil.chown(password_file, account.uid, account.gid)
        password_file.write_text(password, encoding="ascii")
        _run(
            [
                programs / "initdb",
                f"--pgdata={unfinished}",
                f"--username={NAME}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                *_locale_options(programs),
                *([] if durable else ["--no-sync"]),
            ],
            account,
        )
    finally:
        password_file.unlink()
    _run(
        [programs / "postgres", "--single", "-D", unfinished, "postgres"],
        account,
        f"CREATE DATABASE {NAME};\n",
    )
    unfinished.rename(home / "data")


def _locale_options(programs: Path) -> list[str]:
    version = subprocess.run(
        [programs / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout
    major = re.search(r"\d+", version)
    if major and int(major[0]) < _BUILTIN_LOCALE_SINCE:
        return ["--locale=C.UTF-8"]
    return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def _run(command: list[str | Path], account: Account | None, stdin: str = "") -> None:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        check=False,
        text=True,
        cwd="/",
        env=_ENVIRONMENT,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0 or "FATAL:" in done.stderr or "ERROR:" in done.stderr:
        raise StartError(f"The database could not be made: {_reason(done.stderr)}")


def _start(
    state: State,
    data: Path,
    programs: Path,
    account: Account | None,
    lock: int,
    settings: Mapping[str, str],
) -> tuple[Child, int]:
    log = state.folder / "postgres.log"
    for port in candidates(state.remembered_port("postgres")):
        with log.open("wb") as output:
            server = Child(
                [
                    programs / "postgres",
                    f"-D{data}",
                    f"-p{port}",
                    *(f"-c{name}={value}" for name, value in settings.items()),
                ],
                ends_by=signal.SIGINT,
                account=account,
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                keep_open=[lock],
            )
        try:
            _wait_until_ready(server, data)
        except BaseException:
            server.stop(signal.SIGQUIT)
            raise
        if server.is_running():
            return server, port
        text = log.read_text(encoding="utf-8", errors="replace")
        if "could not bind" not in text:
            raise StartError(f"PostgreSQL did not start: {_reason(text)} The log is {log}.")
    raise StartError(f"PostgreSQL found no free port on {LOOPBACK}.")


def _wait_until_ready(server: Child, data: Path) -> None:
    """Wait for our server's own word, or its end: any server may answer on the port."""
    deadline = time.monotonic() + SECONDS_TO_START
    while server.is_running():
        try:
            pid, *_, status = (data / "postmaster.pid").read_text(encoding="ascii").split()
        except (FileNotFoundError, ValueError):  # not there, or not written to its end
            pid = status = ""
        if pid == str(server.process.pid) and status == "ready":
            return
        if time.monotonic() > deadline:
            raise StartError(f"PostgreSQL was not ready within {SECONDS_TO_START:.0f} seconds.")
        time.sleep(0.02)


def _reason(log: str) -> str:
    """Give the line of a log that says why."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    told = [line for line in lines if re.search(r"\b(FATAL|PANIC|ERROR|error):", line)]
    return (told or lines or ["it said nothing"])[-1].rstrip(".") + "."
