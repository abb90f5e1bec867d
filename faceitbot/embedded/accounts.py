"""The account that runs the servers: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from faceitbot.embedded.errors import StartError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An unprivileged account of this machine."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Give the account that the servers run as, or None to run them as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise StartError(
        f"PostgreSQL does not run as root, and this machine has no account {' or '.join(CANDIDATES)}."
    )


def private_folder(path: Path, account: Account | None) -> Path:
    """Make a folder that the account alone can enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account:
        shutil.chown(path, account.uid, account.gid)
    return path
