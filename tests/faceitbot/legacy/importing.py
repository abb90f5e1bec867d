"""Runs the import command, and looks at the tables as the database has them."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.db import connection

AS_OF = "2026-11-01T00:00Z"


@dataclass
class Outcome:
    """What a caller of the command sees."""

    code: int
    said: str


def run_import(path: Path, *words: str, as_of: str | None = AS_OF) -> Outcome:
    """Run `import_legacy` as a shell would see it."""
    stdout = io.StringIO()
    times = ["--as-of", as_of] if as_of else []
    try:
        call_command("import_legacy", str(path), *times, *words, stdout=stdout)
    except CommandError as error:
        return Outcome(error.returncode, str(error))
    except SystemExit as end:
        return Outcome(int(end.code or 0), stdout.getvalue())
    return Outcome(0, stdout.getvalue())


TABLES = ("users", "user_subscriptions", "grants", "referrals")


def stored_rows() -> dict[str, list[tuple[Any, ...]]]:
    """Give every column of every row that an import may write, and the transaction that wrote it."""
    rows = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT xmin::text, {table}.* FROM {table} ORDER BY {table}.id")
            rows[table] = cursor.fetchall()
    return rows


def stored_users(*, but: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Give every column of every user, and the transaction that wrote the row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text, users.* FROM users ORDER BY telegram_id")
        names = [column.name for column in cursor.description]
        return [
            {name: value for name, value in zip(names, row, strict=True) if name not in but}
            for row in cursor.fetchall()
        ]
