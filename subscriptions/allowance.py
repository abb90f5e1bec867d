"""Counts requests against the limit of the tier that is in force: one statement each.

The row is locked first, with nothing joined to it: tier and number are those of its newest version. The
database's clock is read after the lock, and the zone of the bot says which day it is. A block of the user or
a new limit of a plan that commits while a call waits for the row counts from the next call on.
"""

import math
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from subscriptions.granting import locked_subscription
from subscriptions.models.plans import UNLIMITED
from users.errors import UserNotFound

# The tier in force is decided by the columns and the clock alone: no job needs to have run.
_ROW = """
    SELECT id, tier, expires_at, next_tier, next_expires_at, daily_requests, last_reset_date
    FROM user_subscriptions WHERE user_id = %(user_id)s
"""
_DECIDE = f"""
today AS (
    SELECT moment, (moment AT TIME ZONE %(zone)s)::date AS day
    FROM (SELECT coalesce(%(now)s::timestamptz, clock_timestamp()) AS moment, count(*) FROM held) AS clock
), state AS (
    SELECT users.id AS user_id, users.blocked_at IS NOT NULL AS blocked, today.moment, today.day, held.id,
        CASE
            WHEN held.id IS NULL THEN 'free'
            WHEN held.expires_at IS NULL OR held.expires_at > today.moment THEN held.tier
            WHEN held.next_tier IS NOT NULL
                AND (held.next_expires_at IS NULL OR held.next_expires_at > today.moment) THEN held.next_tier
            ELSE 'free'
        END AS tier,
        CASE
            WHEN held.expires_at > today.moment THEN held.expires_at
            WHEN held.next_expires_at > today.moment THEN held.next_expires_at
        END AS expires_at,
        greatest(held.last_reset_date, today.day) AS counted_day,
        CASE WHEN held.last_reset_date >= today.day THEN held.daily_requests ELSE 0 END AS used
    FROM users CROSS JOIN today LEFT JOIN held ON true
    WHERE users.id = %(user_id)s
), decided AS (
    SELECT state.*, tier_limits.daily_requests AS daily_limit,
        NOT blocked AND (tier_limits.daily_requests = {UNLIMITED} OR used < tier_limits.daily_requests)
            AS allowed
    FROM state JOIN tier_limits USING (tier)
)
"""
_ANSWER = """
SELECT allowed, blocked, tier, expires_at, used + CASE WHEN allowed THEN %(count)s ELSE 0 END, daily_limit,
    (counted_day + 1)::timestamp AT TIME ZONE %(zone)s,
    extract(epoch FROM (counted_day + 1)::timestamp AT TIME ZONE %(zone)s - moment)
FROM decided
"""
_LOOK = f"WITH held AS ({_ROW}), {_DECIDE} {_ANSWER}"
# A user whose row is missing gets it here, unless he has been given something that it must show; for him, and
# where somebody was quicker, there is no row to answer with.
_CONSUME = f"""
WITH held AS ({_ROW} FOR NO KEY UPDATE), {_DECIDE}, changed AS (
    UPDATE user_subscriptions SET daily_requests = decided.used + %(count)s,
        last_reset_date = decided.counted_day
    FROM decided WHERE user_subscriptions.id = decided.id AND decided.allowed
), made AS (
    INSERT INTO user_subscriptions (id, user_id, tier, daily_requests, last_reset_date, auto_renew,
        payment_method, referrals_count, created_at, updated_at)
    SELECT gen_random_uuid(), user_id, 'free', CASE WHEN allowed THEN %(count)s ELSE 0 END, day, false, '', 0,
        moment, moment
    FROM decided WHERE id IS NULL AND NOT EXISTS (SELECT FROM grants WHERE grants.user_id = %(user_id)s)
        AND NOT EXISTS (SELECT FROM referrals WHERE %(user_id)s IN (referrer_id, referee_id))
    ON CONFLICT (user_id) DO NOTHING RETURNING id
)
{_ANSWER} WHERE id IS NOT NULL OR EXISTS (SELECT FROM made)
"""
_INCREMENT = f"""
WITH held AS ({_ROW} FOR NO KEY UPDATE), {_DECIDE}, changed AS (
    UPDATE user_subscriptions SET daily_requests = decided.used + 1, last_reset_date = decided.counted_day
    FROM decided WHERE user_subscriptions.id = decided.id
)
SELECT used + 1 FROM decided WHERE id IS NOT NULL
"""
_GIVE_BACK = f"""
WITH held AS ({_ROW} FOR NO KEY UPDATE), {_DECIDE}, changed AS (
    UPDATE user_subscriptions SET daily_requests = decided.used - 1, last_reset_date = decided.counted_day
    FROM decided WHERE user_subscriptions.id = decided.id AND decided.used > 0
)
SELECT greatest(used - 1, 0) FROM decided WHERE id IS NOT NULL
"""


class RequestAllowance(NamedTuple):
    """Whether a request may be made, and why.

    `limits` holds: tier, daily_requests (counted today, this one included), daily_limit and remaining (-1:
    unlimited), expires_at (of the tier in force), resets_at, resets_in_seconds, reason ("limit", "blocked",
    None).
    """

    allowed: bool
    limits: dict[str, Any]


def look(user_id: UUID, now: datetime | None = None) -> RequestAllowance:
    """Say whether `consume` would admit a request, with the numbers before it. Errors: `UserNotFound`."""
    return _allowance(_known(_one(_LOOK, user_id, now, count=0), user_id))


def consume(user_id: UUID, now: datetime | None = None) -> RequestAllowance:
    """Count one request if the limit of the day allows it. Errors: `UserNotFound`."""
    row = _one(_CONSUME, user_id, now, count=1)
    if row is None and locked_subscription(user_id) is not None:
        row = _one(_CONSUME, user_id, now, count=1)
    return _allowance(_known(row, user_id))


def increment(user_id: UUID, now: datetime | None = None) -> int | None:
    """Count one request whatever the limit; give how many there are today, None without a row."""
    row = _one(_INCREMENT, user_id, now, count=1)
    return None if row is None else int(row[0])


def give_back(user_id: UUID, now: datetime | None = None) -> int | None:
    """Take one of today's requests back; give how many are left counted, None without a row.

    Which day the request was made is not known: one of yesterday, given back after midnight, is one of today.
    """
    row = _one(_GIVE_BACK, user_id, now, count=1)
    return None if row is None else int(row[0])


def _one(sql: str, user_id: UUID, now: datetime | None, *, count: int) -> tuple[Any, ...] | None:
    values = {"user_id": user_id, "now": now, "zone": settings.BOT_TIME_ZONE, "count": count}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _known(row: tuple[Any, ...] | None, user_id: UUID) -> tuple[Any, ...]:
    if row is None:
        raise UserNotFound("there is no such user", id=str(user_id))
    return row


def _allowance(row: tuple[Any, ...]) -> RequestAllowance:
    allowed, blocked, tier, expires_at, used, limit, resets_at, seconds = row
    reason = None if allowed else "blocked" if blocked else "limit"
    limits = {
        "tier": tier,
        "daily_requests": used,
        "daily_limit": limit,
        "remaining": UNLIMITED if limit == UNLIMITED else max(0, limit - used),
        "expires_at": expires_at,
        "resets_at": resets_at,
        "resets_in_seconds": math.ceil(seconds),
        "reason": reason,
    }
    return RequestAllowance(allowed, limits)
