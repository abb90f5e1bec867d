"""Child processes that never outlive us, not even when we are killed.

Linux sends a child a signal when its parent dies (PDEATHSIG). Elsewhere a small watcher process per child
reads a pipe whose other end only we hold: at its end of file it signals the child.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from faceitbot.embedded.accounts import Account

HAS_PDEATHSIG = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_WATCHER = """
import os, sys
sys.stdin.buffer.read()
os.kill(int(sys.argv[1]), int(sys.argv[2]))
"""

Output = IO[bytes] | int | None


class Child:
    """A started program, and what ends it when we are gone.

    `ends_by` is the signal that the program gets when we die, and the first one that `stop` sends.
    Concurrency: start children in the main thread; PDEATHSIG comes when the starting *thread* ends.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        ends_by: signal.Signals = signal.SIGTERM,
        own_session: bool = True,
        account: Account | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        stdin: Output = None,
        stdout: Output = None,
        stderr: Output = None,
        keep_open: Sequence[int] = (),
        pdeathsig: bool = HAS_PDEATHSIG,
    ) -> None:
        self.ends_by = ends_by
        self.process = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=keep_open,
            start_new_session=own_session,  # Ctrl-C on the terminal then reaches us alone
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            # Runs after the change of account, which would clear the setting.
            preexec_fn=_die_with(os.getpid(), ends_by) if pdeathsig else None,
        )
        self._watcher = None if pdeathsig else self._watch()

    def _watch(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WATCHER, str(self.process.pid), str(int(self.ends_by))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def is_running(self) -> bool:
        """Tell whether the program still runs."""
        return self.process.poll() is None

    def wait_at_most(self, seconds: float) -> None:
        """Wait for the program's end, but not for long."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def wait(self) -> int:
        """Wait for the program's own end and give its exit code, -n for signal n."""
        code = self.process.wait()
        self._dismiss_watcher()
        return code

    def stop(self, *more: signal.Signals, within: float = 10.0) -> int:
        """End the program: `ends_by`, then each further signal, SIGKILL last; give its exit code.

        Units: `within` is seconds for each signal.
        """
        for number in (self.ends_by, *more, signal.SIGKILL):
            if not self.is_running():
                break
            self.process.send_signal(number)
            self.wait_at_most(within)
        return self.wait()

    def _dismiss_watcher(self) -> None:
        # Before its pipe closes: the child's number may already belong to another process.
        if self._watcher:
            self._watcher.kill()
            self._watcher.wait()
            if self._watcher.stdin:
                self._watcher.stdin.close()
            self._watcher = None


def _die_with(parent: int, number: signal.Signals) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)

    def in_child() -> None:
        if libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)

    return in_child
