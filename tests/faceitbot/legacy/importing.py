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


# Without ids, and the times at which rows were written here; nothing else may differ between two imports.
_CONTENTS = {
    "users": "SELECT telegram_id, faceit_player_id, faceit_nickname, last_checked_match_id,"
    " waiting_for_nickname, language, notifications_enabled, total_requests, created_at, updated_at,"
    " last_active_at FROM users ORDER BY telegram_id",
    "user_subscriptions": "SELECT users.telegram_id, tier, expires_at, next_tier, next_expires_at,"
    " daily_requests, last_reset_date, auto_renew, renewal_failed_at, payment_method, referral_code,"
    " referrer.telegram_id AS referrer, referrals_count, row.created_at, row.updated_at"
    " FROM user_subscriptions AS row JOIN users ON users.id = user_id"
    " LEFT JOIN users AS referrer ON referrer.id = referred_by_id ORDER BY users.telegram_id",
    "grants": "SELECT telegram_id, tier, starts_at, duration, source, revoked_at, grants.created_at"
    " FROM grants JOIN users ON users.id = user_id ORDER BY telegram_id, starts_at",
    "referrals": "SELECT referee.telegram_id, referrer.telegram_id AS referrer, code, referrer_days,"
    " referee_days, voided_at, referrals.created_at FROM referrals"
    " JOIN users AS referee ON referee.id = referee_id JOIN users AS referrer ON referrer.id = referrer_id"
    " ORDER BY referee.telegram_id",
}


def digests() -> dict[str, tuple[int, str]]:
    """Give the number of rows of each table and a digest of what they say."""
    found = {}
    with connection.cursor() as cursor:
        for table, contents in _CONTENTS.items():
            cursor.execute(f"SELECT count(*), md5(string_agg(md5(said::text), '')) FROM ({contents}) AS said")
            found[table] = cursor.fetchone()
    return found


def empty_tables() -> None:
    """Take out all that imports brought."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE users, user_subscriptions, grants, referrals, import_runs, import_refusals,"
            " import_undecided_access CASCADE"
        )


def stored_users(*, but: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Give every column of every user, and the transaction that wrote the row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text, users.* FROM users ORDER BY telegram_id")
        names = [column.name for column in cursor.description]
        return [
            {name: value for name, value in zip(names, row, strict=True) if name not in but}
            for row in cursor.fetchall()
        ]
