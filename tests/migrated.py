"""Tables for servers of a test's own: made by the migrations once, and copied from then on."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from faceitbot.embedded.accounts import server_account
from faceitbot.embedded.binaries import postgres_folder
from faceitbot.embedded.state import state_folder
from tests.other_process import ROOT

KEPT = state_folder(ROOT) / "tables"


def migrate(variables: Mapping[str, str]) -> None:
    """Give an empty database the tables of this version, and what its migrations have put into them."""
    url, kept = variables["DATABASE_URL"], KEPT / f"{_version()}.dump"
    programs = postgres_folder(server_account(), KEPT.with_name("programs"))
    if kept.exists():
        _run([programs / "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", kept], variables)
        return
    _run([sys.executable, "manage.py", "migrate", "-v0"], variables)
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("*.dump"):
        old.unlink(missing_ok=True)
    made = kept.with_suffix(f".{os.getpid()}")
    _run([programs / "pg_dump", "--format=custom", f"--file={made}", url], variables)
    made.replace(kept)  # whole or not at all, whoever else makes it just now


def _version() -> str:
    """Give a name for all that the tables depend on: our code, and the versions of what is installed."""
    found = hashlib.sha256()
    for path in (ROOT / "requirements-dev.txt", *sorted(ROOT.glob("[!.]*/**/*.py"))):
        if not path.is_relative_to(ROOT / "tests"):
            found.update(path.read_bytes())
    return found.hexdigest()[:20]


def _run(command: list[str | Path], variables: Mapping[str, str]) -> None:
    subprocess.run(command, cwd=ROOT, env=variables, check=True, timeout=120)
