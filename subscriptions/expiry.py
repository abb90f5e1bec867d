"""Moves subscriptions on whose time is over, and tells their users, in bounded transactions."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from faceitbot.core import bulk, clock
from subscriptions.granting import database_now, grants_of, projection_of, share_users, show
from subscriptions.models import Notice, NoticeKind, UserSubscription

BATCH = 500
WARNED_AT_ONCE = 5_000
WARNING = timedelta(days=3)

# What renews itself is not over in three days.
_WARN = """
WITH ending AS (
    SELECT user_id, tier, expires_at, user_id || ' ' || extract(epoch FROM expires_at) AS subject
    FROM user_subscriptions WHERE expires_at > %(now)s AND expires_at <= %(soon)s
)
INSERT INTO notices (id, user_id, kind, subject, data, created_at, attempts)
SELECT gen_random_uuid(), user_id, %(kind)s, subject,
    jsonb_build_object('tier', tier, 'expires_at', to_char(expires_at AT TIME ZONE 'UTC', %(iso)s)),
    %(now)s, 0
FROM ending
WHERE NOT EXISTS (SELECT FROM notices WHERE kind = %(kind)s AND notices.subject = ending.subject)
    AND NOT EXISTS (SELECT FROM orders WHERE orders.user_id = ending.user_id AND renewal = 'active')
ORDER BY user_id LIMIT %(most)s
ON CONFLICT (kind, subject) DO NOTHING
"""
_ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'


def expire_batch(now: datetime | None = None) -> list[UserSubscription]:
    """Move on a batch of those whose time is over; give them, each with its `previous_tier`.

    Rows that another process works on are left to it.
    """
    moment = now or database_now()
    over = UserSubscription.objects.select_for_update(skip_locked=True, no_key=True)
    locked = list(over.filter(expires_at__lte=moment).order_by("id")[:BATCH])
    # The users come second here, but nobody is waited for: whoever is being deleted is left out.
    shared = set(share_users([row.user_id for row in locked], skip_locked=True))
    rows = [row for row in locked if row.user_id in shared]
    grants = grants_of(row.user_id for row in rows)
    notices, changes = [], []
    for row in rows:
        ended, row.previous_tier = row.expires_at, row.tier
        show(row, projection_of(grants[row.user_id], moment))
        changes.append((row.pk, {name: getattr(row, name) for name in _COLUMNS}))
        notices.append(_expired(row, ended, moment))
    if rows:
        bulk.update_rows(UserSubscription, changes, {"updated_at": clock.now()})
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return rows


_COLUMNS = ("tier", "expires_at", "next_tier", "next_expires_at")


def warn_batch(now: datetime | None = None) -> int:
    """Tell some of those whose tier ends within three days, and were not told; give how many."""
    moment = now or database_now()
    values: dict[str, Any] = {
        "kind": NoticeKind.EXPIRING.value,
        "now": moment,
        "soon": moment + WARNING,
        "iso": _ISO,
        "most": WARNED_AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WARN, values)
        return int(cursor.rowcount)


def _expired(row: Any, ended: datetime | None, now: datetime) -> Notice:
    data = {
        "tier": row.previous_tier,
        "next_tier": row.tier,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }
    subject = f"{row.user_id} {ended}"
    return Notice(user_id=row.user_id, created_at=now, kind=NoticeKind.EXPIRED, subject=subject, data=data)
