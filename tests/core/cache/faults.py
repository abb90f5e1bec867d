"""What the tests of faults have in their hands: a Valkey to be frozen, killed and filled, and processes."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from tests.eventually import eventually


class Valkey:
    """A server that is running already, and its successors on the same port."""

    def __init__(self, url):
        self.client = Redis.from_url(url)
        self._url = urlsplit(url)
        found = self.client.info("server")
        self._program, self._pid = found["executable"], found["process_id"]
        self._owner = Path(f"/proc/{self._pid}").stat()
        self._folder = Path(self.client.config_get("dir")["dir"])
        self._successor = None

    @property
    def contents(self):
        """The file that `save` makes and `start` reads."""
        return self._folder / "dump.rdb"

    def freeze(self):
        os.kill(self._pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self._pid, signal.SIGCONT)

    def save(self):
        """Keep the contents of this moment for the next start."""
        self.client.save()

    def kill(self):
        os.kill(self._pid, signal.SIGKILL)
        if self._successor:
            self._successor.wait()
            self._successor = None
        eventually(lambda: not self.answers())

    def start(self):
        configuration = [
            f"bind {self._url.hostname}",
            f"port {self._url.port}",
            f'dir "{self._folder}"',
            f"requirepass {self._url.password}",
            'save ""',
        ]
        self._successor = subprocess.Popen(
            [self._program, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd="/",
            user=self._owner.st_uid,
            group=self._owner.st_gid,
            extra_groups=[],
            text=True,
        )
        with self._successor.stdin as pipe:
            pipe.write("\n".join(configuration))
        self._pid = self._successor.pid
        eventually(self.answers)

    def answers(self):
        try:
            return self.client.ping()
        except RedisError:
            return False

    def fill_up(self):
        """Let others use up its memory, to the last byte that it gives."""
        self.client.config_set("maxmemory-policy", "noeviction")
        self.client.config_set("maxmemory", "1mb")
        with suppress(OutOfMemoryError):
            for number in count():
                self.client.set(f"foreign:{number}", b"x" * 64)

    def recover(self):
        """Undo what a test has done, and forget everything."""
        with suppress(ProcessLookupError):
            self.thaw()
        if not self.answers():
            self.start()
        self.client.config_set("maxmemory", 0)
        self.client.flushall()
        self.contents.unlink(missing_ok=True)

    def end(self):
        self.client.close()
        if self._successor:
            self._successor.kill()
            self._successor.wait()


class Worker:
    """A process with repositories of its own (`faults_worker.py`)."""

    def __init__(self, environment, *without):
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("faults_worker.py")), *without],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def begin(self, command, *numbers):
        self._process.stdin.write(" ".join(map(str, (command, *numbers))) + "\n")

    def answer(self):
        return json.loads(self._process.stdout.readline())

    def ask(self, command, *numbers):
        self.begin(command, *numbers)
        return self.answer()

    def version(self, user_id):
        """Read the user once."""
        return self.ask("reads", user_id, 1)["versions"][0]

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def close(self):
        """Let it end by itself, unless it has ended already."""
        if not self._process.stdin.closed:
            self._process.stdin.close()
            assert self._process.wait(30) == 0
            self._process.stdout.close()
