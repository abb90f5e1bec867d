"""Counts requests against the limit of the tier that is in force: one statement for any number of users.

The row is locked first, with nothing joined to it: tier and number are those of its newest version. The
database's clock is read after the lock, and the zone of the bot says which day it is. A block of the user or
a new limit of a plan that commits while a call waits for the row counts from the next call on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from faceitbot.core.statements import TextRows, arrays
from faceitbot.core.statements.line import Line, Row
from subscriptions.granting import locked_subscription
from subscriptions.models.plans import UNLIMITED
from users.errors import UserNotFound

# Each statement is about any number of users, and about a number of requests of each.
ASKED = """
asked AS (
    SELECT user_id, number FROM unnest(%(user_ids)s::uuid[], %(numbers)s::bigint[]) AS asked (user_id, number)
)
"""
# The tier in force is decided by the columns and the clock alone: no job needs to have run.
ROWS = """
    SELECT id, user_id, tier, expires_at, next_tier, next_expires_at, daily_requests, last_reset_date
    FROM user_subscriptions WHERE user_id = ANY(%(user_ids)s::uuid[]) ORDER BY user_id
"""
DECIDE = f"""
today AS (
    SELECT moment, (moment AT TIME ZONE %(zone)s)::date AS day
    FROM (SELECT coalesce(%(now)s::timestamptz, clock_timestamp()) AS moment, count(*) FROM held) AS clock
), state AS (
    SELECT users.id AS user_id, asked.number, users.blocked_at IS NOT NULL AS blocked, today.moment,
        today.day, held.id,
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
    FROM asked JOIN users ON users.id = asked.user_id CROSS JOIN today
    LEFT JOIN held ON held.user_id = users.id
), decided AS (
    SELECT state.*, tier_limits.daily_requests AS daily_limit,
        CASE
            WHEN blocked THEN 0
            WHEN tier_limits.daily_requests = {UNLIMITED} THEN number
            ELSE greatest(0, least(number, tier_limits.daily_requests - used))
        END AS admitted
    FROM state JOIN tier_limits USING (tier)
)
"""
_ANSWER = """
SELECT user_id, admitted, blocked, tier, expires_at, used, daily_limit,
    (counted_day + 1)::timestamp AT TIME ZONE %(zone)s,
    ceil(extract(epoch FROM (counted_day + 1)::timestamp AT TIME ZONE %(zone)s - moment))::int
FROM decided
"""
_LOOK = f"WITH {ASKED}, held AS ({ROWS}), {DECIDE} {_ANSWER}"
_CHANGED = """
changed AS (
    UPDATE user_subscriptions SET daily_requests = decided.used + decided.admitted,
        last_reset_date = decided.counted_day
    FROM decided WHERE user_subscriptions.id = decided.id AND decided.admitted > 0
)
"""
# A user whose row is missing gets it here, unless he has been given something that it must show; for him, and
# where somebody was quicker, there is no row to answer with.
_CONSUME = f"""
WITH {ASKED}, held AS ({ROWS} FOR NO KEY UPDATE), {DECIDE}, {_CHANGED}, made AS (
    INSERT INTO user_subscriptions (id, user_id, tier, daily_requests, last_reset_date, auto_renew,
        payment_method, referrals_count, created_at, updated_at)
    SELECT gen_random_uuid(), user_id, 'free', admitted, day, false, '', 0, moment, moment
    FROM decided WHERE id IS NULL
        AND NOT EXISTS (SELECT FROM grants WHERE grants.user_id = decided.user_id)
        AND NOT EXISTS (SELECT FROM referrals WHERE decided.user_id IN (referrer_id, referee_id))
    ON CONFLICT (user_id) DO NOTHING RETURNING user_id
)
{_ANSWER} WHERE id IS NOT NULL OR user_id IN (SELECT user_id FROM made)
"""
# A row that somebody holds is left out: one that is stuck must not keep all the others waiting.
_CONSUME_TOGETHER = f"""
WITH {ASKED}, held AS ({ROWS} FOR NO KEY UPDATE SKIP LOCKED), {DECIDE}, {_CHANGED}
{_ANSWER} WHERE id IS NOT NULL
"""
_INCREMENT = f"""
WITH {ASKED}, held AS ({ROWS} FOR NO KEY UPDATE), {DECIDE}, changed AS (
    UPDATE user_subscriptions SET daily_requests = decided.used + 1, last_reset_date = decided.counted_day
    FROM decided WHERE user_subscriptions.id = decided.id
)
SELECT used + 1 FROM decided WHERE id IS NOT NULL
"""
_GIVE_BACK = f"""
WITH {ASKED}, held AS ({ROWS} FOR NO KEY UPDATE), {DECIDE}, changed AS (
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
    return seen(_known(_one(_LOOK, user_id, now), user_id))


def consume(user_id: UUID, now: datetime | None = None) -> RequestAllowance:
    """Count one request if the limit of the day allows it. Errors: `UserNotFound`."""
    row = _one(_CONSUME, user_id, now)
    if row is None and locked_subscription(user_id) is not None:
        row = _one(_CONSUME, user_id, now)
    return _allowance(_known(row, user_id), 1)


async def consume_together(line: Line, numbers: Mapping[UUID, int]) -> list[Row]:
    """Count requests of many users on the event loop's own connections.

    Users without a row, or whose rows somebody else holds, are left out.
    """
    values = values_of([*numbers], [*numbers.values()], None)
    return await line.write("subscriptions.consume_together", _CONSUME_TOGETHER, values)


def consumed_together(rows: Sequence[Row], numbers: Mapping[UUID, int]) -> dict[UUID, list[RequestAllowance]]:
    """Give the answers of `consume_together`, the first request of each user before the others."""
    return {row[0]: [_allowance(row, nth) for nth in range(1, numbers[row[0]] + 1)] for row in rows}


def increment(user_id: UUID, now: datetime | None = None) -> int | None:
    """Count one request whatever the limit; give how many there are today, None without a row."""
    row = _one(_INCREMENT, user_id, now)
    return None if row is None else int(row[0])


def give_back(user_id: UUID, now: datetime | None = None) -> int | None:
    """Take one of today's requests back; give how many are left counted, None without a row.

    Which day the request was made is not known: one of yesterday, given back after midnight, is one of today.
    """
    row = _one(_GIVE_BACK, user_id, now)
    return None if row is None else int(row[0])


def seen(row: Sequence[Any]) -> RequestAllowance:
    """Give what a row of `LOOK_TOGETHER` says of the user's next request, which is not counted."""
    return _allowance(row, 1, counted=0)


LOOK_TOGETHER = TextRows(
    _LOOK, lambda user_ids: values_of(user_ids, [1] * len(user_ids), None), key_at=0, instance=seen
)


def _one(sql: str, user_id: UUID, now: datetime | None) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values_of([user_id], [1], now))
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def values_of(user_ids: Sequence[UUID], numbers: Sequence[int], now: datetime | None) -> dict[str, Any]:
    """Give the parameters of a statement that begins with `ASKED`."""
    return {
        "user_ids": arrays.uuids(user_ids),
        "numbers": arrays.numbers(numbers),
        "now": now,
        "zone": settings.BOT_TIME_ZONE,
    }


def _known(row: tuple[Any, ...] | None, user_id: UUID) -> tuple[Any, ...]:
    if row is None:
        raise UserNotFound("there is no such user", id=str(user_id))
    return row


def _allowance(row: Sequence[Any], nth: int, counted: int | None = None) -> RequestAllowance:
    """Give the answer to the nth of the requests that the row is about; so many of them are counted then."""
    _user_id, admitted, blocked, tier, expires_at, before, limit, resets_at, seconds = row
    allowed = nth <= admitted
    used = before + (min(nth, admitted) if counted is None else counted)
    limits = {
        "tier": tier,
        "daily_requests": used,
        "daily_limit": limit,
        "remaining": UNLIMITED if limit == UNLIMITED else max(0, limit - used),
        "expires_at": expires_at,
        "resets_at": resets_at,
        "resets_in_seconds": seconds,
        "reason": None if allowed else "blocked" if blocked else "limit",
    }
    return RequestAllowance(allowed, limits)
