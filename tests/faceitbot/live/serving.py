"""A web server in another process, and how it is spoken to."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websockets.sync.client
from django.conf import settings
from django.contrib.auth.models import User as Account
from django.test import Client

from faceitbot.live.consumer import SILENCE_SECONDS
from faceitbot.live.snapshots import TICK_SECONDS
from tests.eventually import eventually
from tests.other_process import environment

WORKER = Path(__file__).with_name("server_worker.py")
SOCKET = "/admin/live/socket/?language=en"
RIGHTS_SECONDS = 1


class Server:
    """A running web server, and the snapshots that it has told of."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, tick: float) -> None:
        self.process, self.port, self.tick = process, port, tick
        self.url = f"http://127.0.0.1:{port}"
        self.made: list[dict[str, float]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def end(self) -> None:
        """Stop it in good order."""
        self.process.terminate()
        self.process.wait(timeout=30)
        self._reader.join(timeout=10)

    def _read(self) -> None:
        if self.process.stdout:
            with self.process.stdout as lines:
                for line in lines:
                    self.made.append(json.loads(line))

    def watch(self, cookie: str = "", **more: Any) -> websockets.sync.client.ClientConnection:
        """Open the socket as a browser does. Errors: `InvalidStatus` when it is refused."""
        return websockets.sync.client.connect(
            f"ws://127.0.0.1:{self.port}{SOCKET}",
            additional_headers={"Cookie": cookie} if cookie else None,
            proxy=None,
            **{"origin": self.url, **more},
        )

    def memory(self) -> float:
        """Give the MiB that it has in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


@contextmanager
def served(
    tick: float = TICK_SECONDS, silence: float = SILENCE_SECONDS, **variables: str
) -> Iterator[Server]:
    """Run a web server on the test's database; it need not be as slow as a real one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "DEBUG": "false",
        "HTTPS": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "LIVE_RIGHTS_SECONDS": str(RIGHTS_SECONDS),
        "PYTHONWARNINGS": "ignore",
    }
    process = subprocess.Popen(
        [sys.executable, str(WORKER), str(port), str(tick), str(silence)],
        env={**environment(), **own, **variables},
        stdout=subprocess.PIPE,
        text=True,
    )
    server = Server(process, port, tick)
    try:
        eventually(lambda: answers(port) or process.poll() is not None, within=60)
        assert process.poll() is None, "the server has ended"
        yield server
    finally:
        server.end()


def answers(port: int) -> bool:
    """Say whether somebody listens on a port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def cookie_of(account: Account) -> str:
    """Sign somebody in, and give the header that his browser sends."""
    client = Client()
    client.force_login(account)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
