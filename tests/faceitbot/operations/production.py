"""An installation to be drilled: its role is no superuser, its commands are those of docs/operations.md."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from faceitbot.embedded.accounts import server_account
from faceitbot.embedded.binaries import postgres_folder
from faceitbot.embedded.state import state_folder
from tests.database_faults import own_servers
from tests.migrated import migrate
from tests.other_process import ROOT

DOCUMENT = ROOT / "docs" / "operations.md"
ROLE = "faceitbot_drill"


def programs() -> Path:
    """Give the folder of PostgreSQL's programs: those of a client must not be older than the server."""
    return postgres_folder(server_account(), state_folder(ROOT) / "programs")


def blocks(title: str) -> list[str]:
    """Give the commands of a paragraph of the document, one text for each block."""
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.search(rf"(?m)^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", text, re.DOTALL)
    assert found, f"there is no paragraph {title!r}"
    return re.findall(r"```(?:text|sh)\n(.*?)```", found.group(1), re.DOTALL)


@dataclass(frozen=True)
class Production:
    """The variables of its processes, and the URL of whoever administers the server."""

    variables: dict[str, str]
    administrator: str

    def run(
        self, script: str, *, check: bool = True, folder: Path = ROOT, **more: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run commands in a shell, as an operator does."""
        done = self._done(["bash", "-euc", script], folder, more, seconds=500)
        assert not check or done.returncode == 0, (script, done.stdout, done.stderr)
        return done

    def python(self, script: str, folder: Path = ROOT, **more: str) -> str:
        """Run a program of the bot; give what it prints."""
        program = f"import faceitbot\nfaceitbot.setup()\n{script}"
        done = self._done([sys.executable, "-c", program], folder, more, seconds=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _done(
        self, command: list[str], folder: Path, more: dict[str, str], *, seconds: float
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=folder,
            env={**self.variables, "PYTHONPATH": str(folder), **more},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )


@contextmanager
def production(*, is_migrated: bool = True) -> Iterator[Production]:
    """Run servers with a database that belongs to a role without more rights than that."""
    with own_servers() as variables:
        administrator = variables["DATABASE_URL"]
        address, password = administrator.rpartition("@")[2].rpartition("/")[0], secrets.token_hex(16)
        with psycopg.connect(administrator, autocommit=True) as connection:
            role = sql.Identifier(ROLE)
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password))
            )
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(role, role))
        path = os.pathsep.join([str(programs()), str(Path(sys.executable).parent), os.environ["PATH"]])
        own = {
            **variables,
            "DATABASE_URL": f"postgresql://{ROLE}:{password}@{address}/{ROLE}",
            "PATH": path,
            "HTTPS": "false",
            "ALLOWED_HOSTS": "127.0.0.1,staff.example.com",
        }
        if is_migrated:
            migrate(own)
        yield Production(own, administrator)
