"""Servers that may be frozen and stopped, a web process that stands on them, and a doctor."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from tests.core.cache.faults import Valkey
from tests.database_faults import own_servers
from tests.eventually import eventually
from tests.other_process import ROOT
from tests.startup.conftest import free_port


class Web:
    """A web process, and what its two addresses have answered while somebody kept asking."""

    def __init__(self, variables):
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self.url = f"http://127.0.0.1:{free_port()}"
        command = ["-m", "uvicorn", "faceitbot.asgi:application", "--port", self.url.rpartition(":")[2]]
        self._process = subprocess.Popen(
            [sys.executable, *command, "--log-level", "error", "--no-access-log"], cwd=ROOT, env=variables
        )
        eventually(lambda: self.ask("live")[0] == 200, within=60)
        self.lively = Counter[tuple[int, str | None]]()
        self._ends = threading.Event()
        self._asker = threading.Thread(target=self._ask_on)
        self._asker.start()

    def ask(self, what, method="GET"):
        """Give the status and what was told; a status of 0 when nobody answers."""
        request = urllib.request.Request(f"{self.url}/health/{what}", method=method)
        try:
            with self._open(request, timeout=8) as answer:
                return answer.status, json.loads(answer.read() or b"{}").get("status")
        except urllib.error.HTTPError as error:
            is_ours = error.headers["content-type"] == "application/json"
            return error.code, json.loads(error.read())["status"] if is_ours else None
        except OSError:
            return 0, None

    def seconds_until_ready_says(self, *expected, within):
        started = time.monotonic()
        eventually(lambda: self.ask("ready") == expected, within=within)
        return round(time.monotonic() - started, 1)

    def _ask_on(self):
        while not self._ends.wait(0.1):
            self.lively[self.ask("live")] += 1

    def close(self):
        self._ends.set()
        self._asker.join()
        self._process.terminate()
        assert self._process.wait(30) in (0, -signal.SIGTERM)  # uvicorn ends by the signal that it got


class Doctor:
    """The doctor: a process that stays, or one for each look, as an operator has it."""

    def __init__(self, variables, one_for_each):
        self._variables, self._one_for_each = variables, one_for_each
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("doctor_worker.py")],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.look()

    def look(self):
        """Give its exit code, the seconds it took, and what it tells: {"checks": {name: ...}, ...}."""
        if self._one_for_each:
            started = time.monotonic()
            done = subprocess.run(
                [sys.executable, "manage.py", "doctor", "--json"],
                cwd=ROOT,
                env=self._variables,
                capture_output=True,
                text=True,
                check=False,
            )
            told = json.loads(done.stdout)
            told |= {"code": done.returncode, "seconds": round(time.monotonic() - started, 1)}
        else:
            self._process.stdin.write("look\n")
            told = json.loads(self._process.stdout.readline())
        told["checks"] = {check["name"]: check for check in told["checks"]}
        return told

    def close(self):
        self._process.stdin.close()
        assert self._process.wait(30) == 0
        self._process.stdout.close()


@pytest.fixture(scope="module")
def variables():
    with own_servers() as given:
        yield given


@pytest.fixture(scope="module")
def web(variables):
    started = Web(variables)
    yield started
    started.close()


@pytest.fixture(scope="module")
def doctor(variables, full_size):
    started = Doctor(variables, full_size)
    yield started
    started.close()


@pytest.fixture(scope="module")
def _valkey(variables):
    server = Valkey(variables["REDIS_URL"])
    yield server
    server.end()


@pytest.fixture
def valkey(_valkey):
    yield _valkey
    _valkey.recover()


@pytest.fixture(scope="module")
def successors():
    """Servers that tests have started anew; they end with the module."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        os.kill(process.pid, signal.SIGINT)
        process.wait(30)
