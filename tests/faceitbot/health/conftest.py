"""Servers that may be frozen and stopped, a web process that stands on them, and a doctor."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.core.cache.faults import Valkey
from tests.database_faults import own_servers, successors_of_servers
from tests.faceitbot.health.asking import HealthAsker
from tests.other_process import ROOT
from tests.startup.conftest import free_port


class Web(HealthAsker):
    """A web process, and what its two addresses have answered while somebody kept asking."""

    def __init__(self, variables):
        port = free_port()
        super().__init__(f"http://127.0.0.1:{port}")
        command = [sys.executable, "-m", "faceitbot.serving", "--port", str(port)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=variables)
        self.begin()

    def close(self):
        self.end()
        self._process.terminate()
        assert self._process.wait(30) == 0


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
    with successors_of_servers() as started:
        yield started
