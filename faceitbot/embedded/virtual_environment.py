"""The project's `.venv`: exactly what the lock file asks for, made by any Python that is new enough."""

import ast
import fcntl
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from faceitbot.embedded.errors import StartError, StepFailedError
from faceitbot.embedded.steps import say, step

_INDEX_OPTIONS = {"index-url": "--default-index", "extra-index-url": "--index", "find-links": "--find-links"}
_OFFLINE = re.compile(r"after connection broken by|error sending request|dns error")


def prepare(venv: Path, lock: Path, before_installing: Callable[[], None]) -> None:
    """Make or refresh the virtual environment, unless it is what the lock asks for.

    Concurrency: of two first starts one installs, the other waits for it.
    """
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        wanted = [hashlib.sha256(file.read()).hexdigest(), str(venv.resolve())]
        mark = venv / "installed.txt"
        whole = mark.exists() and (venv / "bin" / "python").exists() and (venv / "pyvenv.cfg").exists()
        found = mark.read_text().split("\n") if whole else []
        if found == wanted:
            return
        if venv.is_symlink():  # what it leads to is not ours to clear
            raise StartError(
                f"{venv} leads to {venv.resolve()}, which does not hold what {lock} asks for: remove it."
            )
        before_installing()
        say(f"Setting up {venv} (once):")
        if found[1:] == wanted[1:]:
            mark.unlink()
        else:  # there is none, it is half-made, or it was moved here from another place
            step("virtual environment", [sys.executable, "-m", "venv", "--clear", *_without_pip(), venv])
        _install(venv, lock)
        mark.write_text("\n".join(wanted))


def add(venv: Path, lock: Path, main_lock: Path) -> None:
    """Install what a second lock asks for, into the environment that `prepare` has made of the main one."""
    with main_lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock.read_bytes() + file.read()).hexdigest()
        mark = venv / f"added-{lock.parent.name}.txt"
        if not mark.exists() or mark.read_text() != wanted:
            say(f"Adding what {lock} asks for (once):")
            _install(venv, lock, names_uv=main_lock)
            mark.write_text(wanted)


def _without_pip() -> list[str]:
    if find_spec("ensurepip"):
        return []
    if find_spec("pip"):
        return ["--without-pip"]
    raise StartError(
        f"{sys.executable} has neither ensurepip nor pip: install one of them first"
        " (Debian, Ubuntu: apt install python3-venv)."
    )


def _install(venv: Path, lock: Path, names_uv: Path | None = None) -> None:
    """Install with uv if it can be had, else with pip: the same lock, several times faster."""
    pip = [str(venv / "bin" / "python"), "-m", "pip"]
    if not any(venv.glob("lib/python*/site-packages/pip")):
        pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python")]
    try:
        try:
            _install_uv(pip, names_uv or lock)
            _install_with_uv(venv, lock, _pip_options(pip))
        except StepFailedError as failure:
            if _OFFLINE.search(failure.output):
                raise
            step("requirements, with pip", [*pip, "install", "--require-hashes", "-r", lock])
    except StepFailedError as failure:
        if _OFFLINE.search(failure.output):
            raise StartError(
                "The requirements could not be downloaded: no package index answers."
                " Look at the network, or at the index that `pip config list` names, and start again."
            ) from None
        raise


def _install_uv(pip: list[str], lock: Path) -> None:
    found = re.search(r"^uv==.*\n(?: .*\n)*", lock.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise StartError(f"{lock} does not name uv.")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as only_uv:
        only_uv.write(found[0])
        only_uv.flush()
        step("installer", [*pip, "install", "--require-hashes", "-r", only_uv.name])


def _install_with_uv(venv: Path, lock: Path, told: dict[str, list[str]]) -> None:
    command = [str(venv / "bin" / "uv"), "pip", "install", "--python", str(venv / "bin" / "python")]
    command += ["--require-hashes", "-r", str(lock)]
    command += [
        "--index-strategy",
        "unsafe-best-match",
        "--compile-bytecode",
    ]  # as pip does; the hashes decide
    for name, option in _INDEX_OPTIONS.items():
        for value in told.get(name, []):
            command += [option, value]
    env = dict(os.environ)
    for value in told.get("cert", []):
        env.setdefault("SSL_CERT_FILE", value)
    step("requirements", command, env=env)


def _pip_options(pip: list[str]) -> dict[str, list[str]]:
    """Give what pip is told in its files and in the environment: uv reads neither."""
    listed = subprocess.run([*pip, "config", "list"], check=True, capture_output=True, text=True).stdout
    lines = re.findall(r"^(global|install|:env:)\.([a-z-]+)=(.*)$", listed, re.MULTILINE)
    by_precedence = sorted(lines, key=lambda line: ["global", "install", ":env:"].index(line[0]))
    return {name: str(ast.literal_eval(value)).split() for _, name, value in by_precedence}
