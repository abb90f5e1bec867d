"""Writes users from another system in bulk: COPY into a temporary table, then one upsert per batch.

Rows that are equal are not touched, and rows that changed here since `as_of`, the time of the other system's
data, are left alone. So the same batch written twice changes nothing the second time, and what people do
meanwhile is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from faceitbot.core.attempts import Plan, run
from faceitbot.core.bulk import join_by_index
from faceitbot.core.cache import invalidate_table
from faceitbot.core.errors import Conflict
from users.imported_user import ImportedUser
from users.models import User
from users.signals import faceit_accounts_changed, users_created

BATCH_SECONDS = 60.0
_RACES = 3
_RACED_FOR = {"faceit_player_id", "referral_code"}

_TABLE = """
CREATE TEMPORARY TABLE imported_users (
    telegram_id bigint PRIMARY KEY, faceit_player_id text, faceit_nickname text, last_checked_match_id text,
    waiting_for_nickname boolean, language text, notifications_enabled boolean, total_requests bigint,
    created_at timestamptz, last_active_at timestamptz, id uuid, updated_at timestamptz
) ON COMMIT DROP
"""
_COPY = f"COPY imported_users ({', '.join(ImportedUser._fields)}, id, updated_at) FROM STDIN"

# A file that does not say when somebody registered must not move the date that is known here.
_KNOWN_CREATION = """
UPDATE imported_users AS file SET created_at = coalesce(
    (SELECT users.created_at FROM users WHERE users.telegram_id = file.telegram_id), %(as_of)s)
WHERE file.created_at IS NULL
"""
_COUNT_THERE = "SELECT count(*) FROM imported_users JOIN users USING (telegram_id)"
_DROP_NEWER = """
DELETE FROM imported_users AS file USING users
WHERE users.telegram_id = file.telegram_id AND users.updated_at >= %(as_of)s
"""
_UNLINK_TAKEN = """
UPDATE imported_users AS file
SET faceit_player_id = NULL, faceit_nickname = NULL, last_checked_match_id = NULL
FROM users AS holder
WHERE holder.faceit_player_id = file.faceit_player_id AND holder.telegram_id <> file.telegram_id
RETURNING file.telegram_id
"""
_COLUMNS = [name for name in ImportedUser._fields if name != "telegram_id"]
_DROP_EQUAL = """
DELETE FROM imported_users AS file USING users
WHERE users.telegram_id = file.telegram_id
  AND ({users_columns})
      IS NOT DISTINCT FROM ({file_columns})
"""
# In the order in which every other writer of many users takes its locks.
_LOCK = """
SELECT count(*) FROM (
    SELECT users.id FROM users JOIN imported_users USING (telegram_id)
    ORDER BY users.id FOR NO KEY UPDATE OF users) AS locked
"""
_UPSERT = """
INSERT INTO users (id, telegram_id, {columns}, updated_at)
SELECT id, telegram_id, {columns}, updated_at FROM imported_users ORDER BY telegram_id
ON CONFLICT (telegram_id) DO UPDATE SET
    {assignments},
    updated_at = greatest(users.updated_at, excluded.updated_at)
WHERE users.updated_at < %(as_of)s
RETURNING id
"""

_RELEASE = """
UPDATE users SET faceit_player_id = NULL
FROM unnest(%(telegram_ids)s::bigint[], %(faceit_player_ids)s::text[])
    AS file (telegram_id, faceit_player_id)
WHERE users.telegram_id = file.telegram_id AND users.updated_at < %(as_of)s
  AND users.faceit_player_id <> coalesce(file.faceit_player_id, '')
RETURNING users.id
"""


@dataclass(frozen=True)
class ImportedUsers:
    """What became of a batch: each user is created, updated, unchanged or newer.

    `newer` were changed here after `as_of` and left alone; `unlinked` holds the Telegram ids of those whose
    FACEIT account belongs to somebody else here.
    """

    created_ids: list[UUID] = field(default_factory=list)
    updated: int = 0
    unchanged: int = 0
    newer: int = 0
    unlinked: list[int] = field(default_factory=list)


def release_faceit_accounts(users: Sequence[ImportedUser], as_of: datetime) -> int:
    """Take from users the FACEIT accounts that the other system no longer has them with.

    To be done for all users before any is written: an account that has changed hands is free then for its
    new owner, in whatever order the two come.
    """
    values = {
        "telegram_ids": [user.telegram_id for user in users],
        "faceit_player_ids": [user.faceit_player_id for user in users],
        "as_of": as_of,
    }
    return run(partial(_release, values), Plan("release_faceit_accounts", budget_seconds=BATCH_SECONDS))


def _nothing_else(*, all_new: bool) -> None:
    """Write nothing but the users."""


class WriteAlso(Protocol):
    """What belongs to a batch of users; `all_new` when none of them was there before."""

    def __call__(self, *, all_new: bool) -> None: ...


def upsert_imported_users(
    users: Sequence[ImportedUser], as_of: datetime, also: WriteAlso = _nothing_else
) -> ImportedUsers:
    """Write the users, all of them or none; Telegram ids and FACEIT accounts must be unique among them.

    `updated_at` becomes the user's last sign of life in the other system, and lies before `as_of`: a
    corrected import may overwrite the row, one that is older than a change here may not.

    `also` writes what belongs to them, in the same transaction and before anybody hears of the new ones; it
    may run several times, of which one counts.

    Concurrency: somebody who links one of the accounts, or draws one of the codes, meanwhile keeps it.
    """
    plan = Plan("upsert_imported_users", budget_seconds=BATCH_SECONDS)
    for races_left in reversed(range(_RACES)):
        try:
            return run(partial(_upsert, users, as_of, also), plan)
        except Conflict as conflict:
            if conflict.context.get("field") not in _RACED_FOR or not races_left:
                raise
    raise AssertionError("the last race raises")


def _release(values: Mapping[str, Any]) -> int:
    join_by_index()
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, values)
        released = [row_id for (row_id,) in cursor.fetchall()]
    if released:
        invalidate_table(User._meta.db_table)
        faceit_accounts_changed.send(sender=User, user_ids=released)
    return len(released)


def _upsert(users: Sequence[ImportedUser], as_of: datetime, also: WriteAlso) -> ImportedUsers:
    join_by_index()
    new_ids = _copy(users, as_of)
    values = {"as_of": as_of}
    unchanged = 0
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_CREATION, values)
        cursor.execute(_COUNT_THERE)
        (there,) = cursor.fetchone()
        if there:
            cursor.execute(_DROP_NEWER, values)
        cursor.execute(_UNLINK_TAKEN)
        unlinked = [telegram_id for (telegram_id,) in cursor.fetchall()]
        if there:
            cursor.execute(_with_columns(_DROP_EQUAL))
            unchanged = cursor.rowcount
            cursor.execute(_LOCK)
        # Whoever registers himself meanwhile is found by the conflict.
        cursor.execute(_with_columns(_UPSERT), values)
        written = [row_id for (row_id,) in cursor.fetchall()]
        cursor.execute("DROP TABLE imported_users")
    created = [row_id for row_id in written if row_id in new_ids]
    also(all_new=len(created) == len(users))
    if written:
        invalidate_table(User._meta.db_table)
        faceit_accounts_changed.send(sender=User, user_ids=written)
    if created:
        # No business event: these people registered long ago, not now.
        users_created.send(sender=User, user_ids=created)
    return ImportedUsers(
        created_ids=created,
        updated=len(written) - len(created),
        unchanged=unchanged,
        # Whoever changed between the comparison and the lock is newer too.
        newer=len(users) - len(written) - unchanged,
        unlinked=unlinked,
    )


def _copy(users: Sequence[ImportedUser], as_of: datetime) -> set[UUID]:
    """Fill the temporary table; give the ids that new users will have."""
    new_id = User._meta.pk.get_default
    latest = as_of - timedelta(microseconds=1)
    new_ids = set()
    # Django does not translate the driver's errors of COPY by itself.
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with cursor.copy(_COPY) as copy:
            for user in users:
                row_id = new_id()
                new_ids.add(row_id)
                seen = user.last_active_at or user.created_at or latest
                copy.write_row((*user, row_id, min(seen, latest)))
        cursor.execute("ANALYZE imported_users")
    return new_ids


def _with_columns(sql: str) -> str:
    return sql.format(
        columns=", ".join(_COLUMNS),
        users_columns=", ".join(f"users.{name}" for name in _COLUMNS),
        file_columns=", ".join(f"file.{name}" for name in _COLUMNS),
        assignments=", ".join(f"{name} = excluded.{name}" for name in _COLUMNS),
    )
