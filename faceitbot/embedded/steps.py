"""Long steps behind one line each, on the standard error: the standard output belongs to the commands."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from faceitbot.embedded.errors import StepFailedError
from faceitbot.embedded.processes import Child


def say(text: str, end: str = "\n") -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


def step(
    title: str, command: Sequence[str | Path], *, stdin: str = "", env: Mapping[str, str] | None = None
) -> str:
    """Run a program, show how long it takes, and give what it said.

    Errors: StepFailedError with its output.
    """
    begun = time.monotonic()
    live = sys.stderr.isatty()
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
        given.write(stdin.encode())
        given.seek(0)
        child = Child(
            command, stdin=given.fileno(), stdout=output.fileno(), stderr=subprocess.STDOUT, env=env
        )
        try:
            while child.is_running():
                if live:
                    say(f"\r  {title}: {time.monotonic() - begun:.0f} s", end="")
                child.wait_at_most(0.2)
        finally:
            code = child.stop()
        output.seek(0)
        text = output.read().decode(errors="replace").strip()
    back = "\r" if live else ""
    outcome = ", failed" if code else ""
    say(f"{back}  {title}: {time.monotonic() - begun:.1f} s{outcome}")
    if code != 0:
        raise StepFailedError(title, code, text)
    return text
