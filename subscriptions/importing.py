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

from django.db import connection

from subscriptions.granting import store_projections
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
UPDATE imported_subscriptions AS file SET user_id = users.id,
    starts_at = least(clock_timestamp(), CASE WHEN coalesce(file.starts_at, users.created_at) >= file.ends_at
        THEN file.ends_at - interval '1 day' ELSE coalesce(file.starts_at, users.created_at) END),
    ends_at = CASE WHEN file.ends_at - coalesce(file.starts_at, users.created_at) <= %(longest)s
        THEN file.ends_at END
FROM users WHERE users.telegram_id = file.telegram_id
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
_COUNT_DIFFERING = """
SELECT count(*) FROM imported_subscriptions AS file JOIN grants USING (user_id)
WHERE source = 'legacy' AND revoked_at IS NULL
    AND (grants.tier, grants.starts_at + grants.duration) IS DISTINCT FROM (file.tier, file.ends_at)
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
WITH shared AS (
    SELECT users.id FROM users JOIN imported_subscriptions USING (telegram_id)
    ORDER BY users.id FOR KEY SHARE OF users
)
DELETE FROM imported_subscriptions WHERE NOT EXISTS (SELECT FROM shared WHERE id = user_id)
"""
_LOCK = """
SELECT count(*) FROM (
    SELECT FROM user_subscriptions AS stored JOIN imported_subscriptions USING (user_id)
    ORDER BY user_id FOR NO KEY UPDATE OF stored) AS locked
"""
_UPSERT = """
INSERT INTO user_subscriptions AS stored (id, user_id, tier, referrals_count, {columns},
    created_at, updated_at)
SELECT gen_random_uuid(), user_id, 'free', 0, {file},
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
    """What became of a batch: how many grants were made, and how many older ones differ from the file's.

    `withheld` holds the Telegram ids of those who got no grant, for they were given access here before;
    `without_code` of those whose referral code belongs to somebody else here.
    """

    grants: int = 0
    grants_differing: int = 0
    withheld: list[int] = field(default_factory=list)
    without_code: list[int] = field(default_factory=list)


def write_imported_subscriptions(
    subscriptions: Sequence[ImportedSubscription], as_of: datetime
) -> ImportedSubscriptions:
    """Write the access of users who are there; runs inside the transaction that writes the users.

    Codes must be unique among them. Who referred whom is not written here.
    """
    values: dict[str, Any] = {"as_of": as_of, "longest": LONGEST}
    _copy(subscriptions)
    with connection.cursor() as cursor:
        cursor.execute(_RESOLVE, values)
        cursor.execute(_WITHHOLD_TAKEN_CODES)
        without_code = [telegram_id for (telegram_id,) in cursor.fetchall()]
        cursor.execute(_WITHHOLD_ACCESS, values)
        withheld = [telegram_id for (telegram_id,) in cursor.fetchall()]
        cursor.execute(_COUNT_DIFFERING)
        (differing,) = cursor.fetchone()
        cursor.execute(_with_columns(_DROP_WHAT_IS_THERE), values)
        granted = _write(cursor, values)
        cursor.execute("DROP TABLE imported_subscriptions")
    return ImportedSubscriptions(granted, differing, withheld, without_code)


def _write(cursor: Any, values: Mapping[str, Any]) -> int:
    cursor.execute(_SHARE_USERS)
    cursor.execute(_LOCK)
    cursor.execute(_with_columns(_UPSERT), values)
    cursor.execute(_GRANT)
    granted = [user_id for (user_id,) in cursor.fetchall()]
    store_projections(granted)
    return len(granted)


def _copy(subscriptions: Sequence[ImportedSubscription]) -> None:
    # Django does not translate the driver's errors of COPY by itself.
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with cursor.copy(_COPY) as copy:
            for subscription in subscriptions:
                copy.write_row(subscription)
        cursor.execute("ANALYZE imported_subscriptions")


def _with_columns(sql: str) -> str:
    merged = ", ".join(_MERGED.values())
    return sql.format(
        columns=", ".join(_MERGED),
        stored=", ".join(f"stored.{name}" for name in _MERGED),
        file=", ".join(f"file.{name}" for name in _MERGED),
        merged=merged,
        merged_excluded=merged.replace("file.", "excluded."),
    )
