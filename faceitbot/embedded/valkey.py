"""A Valkey of our own: caches and messages, nothing on disk."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from faceitbot.embedded.accounts import Account, private_folder
from faceitbot.embedded.errors import StartError
from faceitbot.embedded.ports import LOOPBACK, candidates
from faceitbot.embedded.processes import Child
from faceitbot.embedded.state import State

SECONDS_TO_START = 15.0


@contextmanager
def valkey(state: State, program: Path, account: Account | None) -> Iterator[str]:
    """Run Valkey and give its URL."""
    home = private_folder(state.folder / "valkey", account)
    password = state.secret("valkey.password")
    server, port = _start(state, home, program, account, password)
    try:
        state.remember_port("valkey", port)
        yield f"redis://:{password}@{LOOPBACK}:{port}/0"
    finally:
        server.stop()


def _start(
    state: State, home: Path, program: Path, account: Account | None, password: str
) -> tuple[Child, int]:
    log = state.folder / "valkey.log"
    for port in candidates(state.remembered_port("valkey")):
        with log.open("wb") as output:
            server = Child(
                [program, "-"],
                ends_by=signal.SIGTERM,
                account=account,
                env={"LC_ALL": "C", "TZ": "UTC"},
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _configure(server, home, port, password)
            _wait_until_ready(server, port, password)
        except BaseException:
            server.stop()
            raise
        if server.is_running():
            return server, port
        text = log.read_text(encoding="utf-8", errors="replace")
        if "Address already in use" not in text:
            last = (text.strip().splitlines() or ["it said nothing"])[-1]
            raise StartError(f"Valkey did not start: {last} The log is {log}.")
    raise StartError(f"Valkey found no free port on {LOOPBACK}.")


def _configure(server: Child, home: Path, port: int, password: str) -> None:
    """Send the configuration on stdin, so that no list of processes shows the password."""
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f'dir "{home}"',
        f"requirepass {password}",
        'save ""',
        "appendonly no",
    ]
    pipe = server.process.stdin
    if pipe:
        with suppress(BrokenPipeError), pipe:  # it has ended, and its log says why
            pipe.write("\n".join(lines).encode())


def _wait_until_ready(server: Child, port: int, password: str) -> None:
    """Wait until the server knows our password, or ends: a stranger on the port does not know it."""
    deadline = time.monotonic() + SECONDS_TO_START
    while server.is_running():
        try:
            with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
                connection.sendall(f"AUTH {password}\r\n".encode())
                if connection.recv(64) == b"+OK\r\n":
                    return
        except OSError:
            pass  # not listening yet
        if time.monotonic() > deadline:
            raise StartError(f"Valkey was not ready within {SECONDS_TO_START:.0f} seconds.")
        time.sleep(0.02)
