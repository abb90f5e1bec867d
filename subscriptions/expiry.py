"""Moves subscriptions on whose time is over, and tells their users, in bounded transactions."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from faceitbot.core import bulk, clock
from subscriptions.granting import database_now, grants_of, projection_of, show
from subscriptions.models import Notice, NoticeKind, UserSubscription

BATCH = 500
WARNING = timedelta(days=3)

# What renews itself is not over in three days; what another tier follows goes on with that.
_WARN = """
INSERT INTO notices (id, user_id, kind, subject, data, created_at, attempts)
SELECT gen_random_uuid(), user_id, %(kind)s, user_id || ' ' || expires_at,
    jsonb_build_object('tier', tier, 'expires_at', to_char(expires_at AT TIME ZONE 'UTC', %(iso)s)),
    %(now)s, 0
FROM user_subscriptions
WHERE expires_at > %(now)s AND expires_at <= %(soon)s AND next_tier IS NULL
    AND NOT EXISTS (
        SELECT FROM orders WHERE orders.user_id = user_subscriptions.user_id AND renewal = 'active'
    )
ON CONFLICT (kind, subject) DO NOTHING
"""
_ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'


def expire_batch(now: datetime | None = None) -> list[UserSubscription]:
    """Move on a batch of those whose time is over; give them, each with its `previous_tier`.

    Rows that another process works on are left to it.
    """
    moment = now or database_now()
    rows = list(
        UserSubscription.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(expires_at__lte=moment)
        .order_by("id")[:BATCH]
    )
    grants = grants_of(row.user_id for row in rows)
    notices, changes = [], []
    for row in rows:
        ended, row.previous_tier = row.expires_at, row.tier
        show(row, projection_of(grants[row.user_id], moment))
        changes.append((row.pk, {name: getattr(row, name) for name in _COLUMNS}))
        notices.append(_expired(row, ended))
    if rows:
        bulk.update_rows(UserSubscription, changes, {"updated_at": clock.now()})
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return rows


_COLUMNS = ("tier", "expires_at", "next_tier", "next_expires_at")


def warn(now: datetime | None = None) -> int:
    """Write a notice for each user whose access ends within three days; give how many are new."""
    moment = now or database_now()
    values: dict[str, Any] = {
        "kind": NoticeKind.EXPIRING.value,
        "now": moment,
        "soon": moment + WARNING,
        "iso": _ISO,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WARN, values)
        return int(cursor.rowcount)


def _expired(row: Any, ended: datetime | None) -> Notice:
    data = {
        "tier": row.previous_tier,
        "next_tier": row.tier,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }
    return Notice(user_id=row.user_id, kind=NoticeKind.EXPIRED, subject=f"{row.user_id} {ended}", data=data)
