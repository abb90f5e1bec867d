"""The outbox: claims and their leases, one statement each."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

GIVEN_UP_AFTER = 8  # attempts
TOO_OLD = timedelta(days=7)

# Nobody wants to read what is too old, or what is not true any more: that something ends which was prolonged
# since. What was claimed too often without an answer may be what kills its senders.
_GIVE_UP = """
UPDATE notices SET given_up_at = %(now)s, claimed_until = NULL
WHERE sent_at IS NULL AND given_up_at IS NULL AND (claimed_until IS NULL OR claimed_until <= %(now)s)
    AND (attempts >= %(most)s OR created_at < %(oldest)s OR (kind = 'expiring' AND NOT EXISTS (
        SELECT FROM user_subscriptions WHERE user_subscriptions.user_id = notices.user_id
            AND expires_at = (data ->> 'expires_at')::timestamptz AND expires_at > %(now)s)))
"""
_CLAIM = """
WITH due AS (
    SELECT notices.id FROM notices JOIN users ON users.id = notices.user_id
    WHERE sent_at IS NULL AND given_up_at IS NULL
      AND (claimed_until IS NULL OR claimed_until <= %(now)s)
      AND users.bot_blocked_at IS NULL AND users.telegram_id IS NOT NULL
    ORDER BY notices.created_at, notices.id LIMIT %(limit)s
    FOR UPDATE OF notices SKIP LOCKED
)
UPDATE notices SET claimed_until = %(until)s, attempts = attempts + 1
FROM due, users WHERE notices.id = due.id AND users.id = notices.user_id
RETURNING notices.id, users.telegram_id, users.language, kind, data, notices.created_at
"""
_SENT = """
UPDATE notices SET sent_at = %(now)s, claimed_until = NULL
WHERE id = %(id)s AND sent_at IS NULL AND given_up_at IS NULL
"""
# After each failure it waits twice as long, from one minute to about two hours.
_FAILED = """
UPDATE notices SET
    claimed_until = %(now)s + make_interval(mins => (2 ^ least(greatest(attempts - 1, 0), 7))::int),
    given_up_at = CASE WHEN attempts >= %(most)s THEN %(now)s END
WHERE id = %(id)s AND sent_at IS NULL AND given_up_at IS NULL
"""


class ClaimedNotice(NamedTuple):
    """What the bot is to tell somebody; `data` holds the values of the text `kind`."""

    id: UUID
    telegram_id: int
    language: str
    kind: str
    data: dict[str, Any]


def claim(limit: int, lease_seconds: int, now: datetime) -> list[ClaimedNotice]:
    """Claim notices that are due, oldest first; nobody else is given them before the lease is over."""
    values: dict[str, Any] = {"now": now, "limit": limit, "until": now + timedelta(seconds=lease_seconds)}
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, {"now": now, "most": GIVEN_UP_AFTER, "oldest": now - TOO_OLD})
        cursor.execute(_CLAIM, values)
        rows = sorted(cursor.fetchall(), key=lambda row: (row[5], row[0]))
    return [
        ClaimedNotice(notice_id, telegram_id, language, kind, json.loads(data))
        for notice_id, telegram_id, language, kind, data, _created_at in rows
    ]


def mark_sent(notice_id: UUID, now: datetime) -> bool:
    """Remember that a notice has been delivered; False if that was known, or it was given up."""
    return _execute(_SENT, {"id": notice_id, "now": now})


def mark_failed(notice_id: UUID, now: datetime) -> bool:
    """Let a notice wait before it is claimed again, or give it up."""
    values = {"id": notice_id, "now": now, "most": GIVEN_UP_AFTER}
    return _execute(_FAILED, values)


def _execute(sql: str, values: Mapping[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return bool(cursor.rowcount)
