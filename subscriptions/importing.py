"""Writes the access of imported users in bulk: COPY into a temporary table, then a few statements.

A grant is made once for each user, whatever happens to it later, and none for whom another source had given
access before `as_of`, the time of the other system's data: it may name the same. Of the subscription's
own columns none loses what has happened here: a code that is there stays, requests are only counted up, and
the way of paying is taken over only where nothing was sold here and the row has not changed since `as_of`. So
the same batch written twice changes nothing the second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from subscriptions.granting import database_now, store_projections
from subscriptions.imported_subscription import ImportedSubscription
from subscriptions.models.access import LONGEST

_TABLE = """
CREATE TEMPORARY TABLE imported_subscriptions (
    telegram_id bigint PRIMARY KEY, tier text, starts_at timestamptz, ends_at timestamptz,
    auto_renew boolean, payment_method text, daily_requests integer, last_reset_date date,
    referral_code text, referred_by bigint, user_id uuid
) ON COMMIT DROP
"""
_COPY = f"COPY imported_subscriptions ({', '.join(ImportedSubscription._fields)}) FROM STDIN"

# What began after its end counts by its end. What is longer than the longest is for ever.
_RESOLVE = """
UPDATE imported_subscriptions AS file SET user_id = resolved.id,
    starts_at = CASE WHEN began >= file.ends_at THEN file.ends_at - interval '1 day' ELSE began END,
    ends_at = CASE WHEN file.ends_at - began <= %(longest)s THEN file.ends_at END
FROM (
    SELECT id, telegram_id, least(%(now)s, coalesce(given.starts_at, users.created_at)) AS began
    FROM imported_subscriptions AS given JOIN users USING (telegram_id)) AS resolved
WHERE resolved.telegram_id = file.telegram_id
"""
_WITHHOLD_TAKEN_CODES = """
UPDATE imported_subscriptions AS file SET referral_code = NULL
FROM user_subscriptions AS holder
WHERE holder.referral_code = file.referral_code AND holder.user_id <> file.user_id
RETURNING file.telegram_id
"""
# What was revoked before the file's time is not what the file names.
_WITHHOLD_ACCESS = """
UPDATE imported_subscriptions AS file SET tier = NULL
WHERE tier IS NOT NULL
    AND EXISTS (
        SELECT FROM grants WHERE grants.user_id = file.user_id AND source <> 'legacy'
            AND created_at < %(as_of)s AND coalesce(revoked_at >= %(as_of)s, true))
    AND NOT EXISTS (
        SELECT FROM grants WHERE grants.user_id = file.user_id AND source = 'legacy')
RETURNING file.telegram_id
"""
# An exported file names what all grants come to. Of what has ended on both sides nothing is due.
_FIND_DIFFERING = """
SELECT telegram_id FROM imported_subscriptions AS file JOIN grants USING (user_id)
    LEFT JOIN user_subscriptions AS stored USING (user_id)
WHERE source = 'legacy' AND revoked_at IS NULL
    AND (grants.tier, grants.starts_at + grants.duration) IS DISTINCT FROM (file.tier, file.ends_at)
    AND (stored.tier, stored.expires_at) IS DISTINCT FROM (coalesce(file.tier, 'free'), file.ends_at)
    AND (coalesce(grants.starts_at + grants.duration, 'infinity') > %(now)s
        OR file.tier IS NOT NULL AND coalesce(file.ends_at, 'infinity') > %(now)s)
"""


def _choice(condition: str, column: str) -> str:
    return f"CASE WHEN {condition} THEN file.{column} ELSE stored.{column} END"


_SOLD_NOTHING = """
stored.updated_at < %(as_of)s
AND NOT EXISTS (SELECT FROM orders WHERE orders.user_id = stored.user_id)
"""
_COUNTED_LATER = """
stored.updated_at < %(as_of)s
AND (coalesce(file.last_reset_date, '-infinity'), file.daily_requests)
    > (coalesce(stored.last_reset_date, '-infinity'), stored.daily_requests)
"""
_MERGED = {
    "auto_renew": _choice(_SOLD_NOTHING, "auto_renew"),
    "payment_method": _choice(_SOLD_NOTHING, "payment_method"),
    "daily_requests": _choice(_COUNTED_LATER, "daily_requests"),
    "last_reset_date": _choice(_COUNTED_LATER, "last_reset_date"),
    "referral_code": "coalesce(stored.referral_code, file.referral_code)",
}
_DROP_WHAT_IS_THERE = """
DELETE FROM imported_subscriptions AS file USING user_subscriptions AS stored
WHERE stored.user_id = file.user_id AND ({stored}) IS NOT DISTINCT FROM ({merged})
    AND (file.tier IS NULL
        OR EXISTS (SELECT FROM grants WHERE grants.user_id = file.user_id AND source = 'legacy'))
"""
# The user comes before his subscription. Whoever is erased meanwhile has no such Telegram id any more.
_SHARE_USERS = """
SELECT count(*) FROM (
    SELECT FROM users JOIN imported_subscriptions USING (telegram_id)
    ORDER BY users.id FOR KEY SHARE OF users) AS shared
"""
_DROP_ERASED = """
DELETE FROM imported_subscriptions AS file WHERE NOT EXISTS (
    SELECT FROM users WHERE users.id = file.user_id AND users.telegram_id = file.telegram_id)
"""
_LOCK = """
SELECT count(*) FROM (
    SELECT FROM user_subscriptions AS stored JOIN imported_subscriptions USING (user_id)
    ORDER BY user_id FOR NO KEY UPDATE OF stored) AS locked
"""
# What one grant alone comes to; whoever was there before may have others.
_ONE_GRANT = """
CASE WHEN file.tier IS NULL OR file.ends_at <= %(now)s THEN 'free' ELSE file.tier END,
CASE WHEN file.tier IS NOT NULL AND file.ends_at > %(now)s THEN file.ends_at END
"""
_NO_GRANT = "'free', NULL"
_UPSERT = """
INSERT INTO user_subscriptions AS stored (id, user_id, tier, expires_at, referrals_count, {columns},
    created_at, updated_at)
SELECT gen_random_uuid(), user_id, {access}, 0, {file},
    users.created_at, least(users.updated_at, %(as_of)s - interval '1 microsecond')
FROM imported_subscriptions AS file JOIN users ON users.id = file.user_id
ORDER BY user_id
ON CONFLICT (user_id) DO UPDATE SET ({columns}) = ROW ({merged_excluded})
"""
_GRANT = """
INSERT INTO grants (id, user_id, tier, starts_at, duration, source, reason, created_at, revoke_reason)
SELECT gen_random_uuid(), user_id, tier, starts_at, ends_at - starts_at, 'legacy', '', starts_at, ''
FROM imported_subscriptions WHERE tier IS NOT NULL ORDER BY user_id
ON CONFLICT (user_id) WHERE source = 'legacy' DO NOTHING
RETURNING user_id
"""


@dataclass(frozen=True)
class ImportedSubscriptions:
    """What became of a batch: how many grants were made; the others are lists of Telegram ids.

    Those who are `differing` have a grant of an earlier import that is not the file's; those `withheld` got
    none, for they were given access here before; the code of those `without_code` belongs to somebody
    else here.
    """

    grants: int = 0
    differing: list[int] = field(default_factory=list)
    withheld: list[int] = field(default_factory=list)
    without_code: list[int] = field(default_factory=list)


def write_imported_subscriptions(
    subscriptions: Sequence[ImportedSubscription], as_of: datetime, *, all_new: bool
) -> ImportedSubscriptions:
    """Write the access of users who are there; runs inside the transaction that writes the users.

    When that has made all of them, nobody has anything yet, and nothing is compared. Codes must be unique
    among them. Who referred whom is not written here.
    """
    values: dict[str, Any] = {"as_of": as_of, "longest": LONGEST, "now": database_now()}
    _copy(subscriptions)
    with connection.cursor() as cursor:
        cursor.execute(_RESOLVE, values)
        cursor.execute(_WITHHOLD_TAKEN_CODES)
        without_code = _column(cursor)
        differing: list[int] = []
        withheld: list[int] = []
        if all_new:
            granted = _write(cursor, _ONE_GRANT, values)
        else:
            cursor.execute(_WITHHOLD_ACCESS, values)
            withheld = _column(cursor)
            cursor.execute(_FIND_DIFFERING, values)
            differing = _column(cursor)
            cursor.execute(_with_columns(_DROP_WHAT_IS_THERE), values)
            _lock(cursor)
            granted = _write(cursor, _NO_GRANT, values)
            store_projections(granted)
        cursor.execute("DROP TABLE imported_subscriptions")
    return ImportedSubscriptions(len(granted), differing, withheld, without_code)


def _lock(cursor: Any) -> None:
    cursor.execute(_SHARE_USERS)
    cursor.execute(_DROP_ERASED)
    cursor.execute(_LOCK)


def _write(cursor: Any, access: str, values: Mapping[str, Any]) -> list[UUID]:
    """Write rows and grants; give the users who got one."""
    cursor.execute(_with_columns(_UPSERT, access=access), values)
    cursor.execute(_GRANT)
    return _column(cursor)


def _column(cursor: Any) -> list[Any]:
    return [value for (value,) in cursor.fetchall()]


def _copy(subscriptions: Sequence[ImportedSubscription]) -> None:
    # Django does not translate the driver's errors of COPY by itself.
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with cursor.copy(_COPY) as copy:
            for subscription in subscriptions:
                copy.write_row(subscription)
        cursor.execute("ANALYZE imported_subscriptions")


def _with_columns(sql: str, **more: str) -> str:
    merged = ", ".join(_MERGED.values())
    return sql.format(
        columns=", ".join(_MERGED),
        stored=", ".join(f"stored.{name}" for name in _MERGED),
        file=", ".join(f"file.{name}" for name in _MERGED),
        merged=merged,
        merged_excluded=merged.replace("file.", "excluded."),
        **more,
    )
