"""The folder where one checkout keeps its servers' data, secrets and ports.

One process at a time holds the folder (`hold`). What it offers to others stands in the lock file itself, so
nobody reads the offer of a process that has died. Others may `join` its servers.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from faceitbot.embedded.errors import StateInUseError

SYSTEM_FOLDER = Path("/var/lib/faceitbot")


def state_folder(project: Path) -> Path:
    """Give the place of a checkout's state: inside it, or below /var/lib for root.

    PostgreSQL does not run as root, and the account that does must reach its data: never below /root.
    """
    if os.geteuid() == 0:
        return SYSTEM_FOLDER / hashlib.sha256(os.fsencode(project.resolve())).hexdigest()[:12]
    return project / ".faceitbot"


class State:
    """A state folder; the first use makes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if os.geteuid() == 0:  # the servers' account passes through to its own folders, no further
            folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            folder.mkdir(exist_ok=True)
            folder.chmod(0o711)
        else:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def secret(self, name: str, length: int = 64) -> str:
        """Give a secret that is made once and kept in a file only we can read."""
        path = self.folder / name
        if not path.exists():
            unfinished = path.with_name(f"{name}.{os.getpid()}")
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(f"{secrets.token_urlsafe(length)[:length]}\n")
            unfinished.replace(path)
        return path.read_text(encoding="ascii").strip()

    def remembered_port(self, name: str) -> int | None:
        """Give the port that a server had the last time."""
        try:
            return int((self.folder / f"{name}.port").read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def remember_port(self, name: str, port: int) -> None:
        """Keep a server's port for the next start."""
        (self.folder / f"{name}.port").write_text(f"{port}\n", encoding="ascii")

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the one process that runs servers here.

        Errors: StateInUseError with the holder's offer when there is another.
        """
        with self._locked("lock", fcntl.LOCK_EX | fcntl.LOCK_NB) as descriptor:
            os.ftruncate(descriptor, 0)
            try:
                yield
            finally:
                os.ftruncate(descriptor, 0)

    def offer(self, facts: dict[str, str]) -> None:
        """Tell other processes what we serve; only while holding the folder."""
        (self.folder / "lock").write_text(json.dumps(facts), encoding="ascii")

    def offered(self) -> dict[str, str]:
        """Give what the holder offers; {} while it is starting or stopping."""
        try:
            facts = json.loads((self.folder / "lock").read_bytes())
        except (FileNotFoundError, ValueError):  # the holder is still starting
            return {}
        return {str(name): str(fact) for name, fact in facts.items()}

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Be counted as a user of the holder's servers."""
        with self._locked("joined", fcntl.LOCK_SH):
            yield

    def wait_until_nobody_has_joined(self, before_waiting: Callable[[], None]) -> None:
        """Wait for the end of every process that has joined, if there is any."""
        try:
            with self._locked("joined", fcntl.LOCK_EX | fcntl.LOCK_NB):
                return
        except StateInUseError:
            before_waiting()
        with self._locked("joined", fcntl.LOCK_EX):
            pass

    @contextmanager
    def lock_for_child(self, name: str, within: float = 15.0) -> Iterator[int]:
        """Take a lock that a child inherits: nobody has it until the child and its children are gone.

        Errors: StateInUseError when they are not gone within so many seconds.
        """
        deadline = time.monotonic() + within
        while True:
            try:
                lock = self._take(name, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except StateInUseError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        try:
            yield lock
        finally:
            os.close(lock)

    def remove(self) -> None:
        """Delete the folder with everything in it."""
        shutil.rmtree(self.folder)

    @contextmanager
    def _locked(self, name: str, how: int) -> Iterator[int]:
        descriptor = self._take(name, how)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _take(self, name: str, how: int) -> int:
        descriptor = os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError:
            os.close(descriptor)
            raise StateInUseError(self.folder, self.offered()) from None
        return descriptor
