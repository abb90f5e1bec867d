"""Writes in bulk who came by whom in another system. Its bonuses were given there: none is given here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from faceitbot.core.attempts import Plan, run
from faceitbot.core.bulk import join_by_index
from subscriptions.granting import share_users

BATCH_SECONDS = 60.0

# Who has a referral here keeps it, whatever the other system says.
_FIND = """
SELECT referee.telegram_id, referee.id, referrer.id
FROM unnest(%(referees)s::bigint[], %(referrers)s::bigint[]) AS file (referee_id, referrer_id)
JOIN users AS referee ON referee.telegram_id = file.referee_id
LEFT JOIN users AS referrer ON referrer.telegram_id = file.referrer_id
WHERE NOT EXISTS (SELECT FROM referrals WHERE referrals.referee_id = referee.id)
"""
_LOCK = """
SELECT count(*) FROM (
    SELECT FROM user_subscriptions WHERE user_id = ANY(%(user_ids)s)
    ORDER BY user_id FOR NO KEY UPDATE) AS locked
"""
_RECORD = """
INSERT INTO referrals (id, referrer_id, referee_id, code, referrer_days, referee_days, created_at,
    void_reason)
SELECT gen_random_uuid(), referrer_id, referee_id, coalesce(referral_code, ''), 0, 0, users.created_at, ''
FROM unnest(%(referees)s::uuid[], %(referrers)s::uuid[]) AS file (referee_id, referrer_id)
JOIN users ON users.id = referee_id
LEFT JOIN user_subscriptions ON user_id = referrer_id
ORDER BY referee_id
ON CONFLICT (referee_id) DO NOTHING
RETURNING referee_id, referrer_id
"""
_NAME_REFERRERS = """
UPDATE user_subscriptions SET referred_by_id = referrer_id
FROM unnest(%(referees)s::uuid[], %(referrers)s::uuid[]) AS made (referee_id, referrer_id)
WHERE user_id = referee_id
"""
_COUNT = """
UPDATE user_subscriptions SET referrals_count = (
    SELECT count(*) FROM referrals WHERE referrer_id = user_id AND voided_at IS NULL)
WHERE user_id = ANY(%(referrers)s)
"""


class ImportedReferral(NamedTuple):
    """Who came by whom, both by their Telegram ids."""

    referee: int
    referrer: int


@dataclass(frozen=True)
class ImportedReferrals:
    """How many referrals were recorded; the Telegram ids of those whose referrer is nobody here."""

    recorded: int = 0
    unknown: list[int] = field(default_factory=list)


class _Pair(NamedTuple):
    referee_id: UUID
    referrer_id: UUID


def record_imported_referrals(referrals: Sequence[ImportedReferral]) -> ImportedReferrals:
    """Record them, all or none, once all users are there who may have referred somebody.

    Concurrency: who comes by a code meanwhile keeps that referral.
    """
    plan = Plan("record_imported_referrals", budget_seconds=BATCH_SECONDS)
    return run(partial(_record, referrals), plan)


def _record(referrals: Sequence[ImportedReferral]) -> ImportedReferrals:
    join_by_index()
    with connection.cursor() as cursor:
        cursor.execute(_FIND, _columns(referrals, "referees", "referrers"))
        found = cursor.fetchall()
        unknown = [telegram_id for telegram_id, _referee, referrer in found if referrer is None]
        pairs = [_Pair(referee, referrer) for _id, referee, referrer in found if referrer is not None]
        recorded = _write(cursor, pairs) if pairs else 0
    return ImportedReferrals(recorded, unknown)


def _write(cursor: Any, pairs: list[_Pair]) -> int:
    everybody = list({user_id for pair in pairs for user_id in pair})
    share_users(everybody)
    cursor.execute(_LOCK, {"user_ids": everybody})
    cursor.execute(_RECORD, _columns(pairs, "referees", "referrers"))
    made = [_Pair(*row) for row in cursor.fetchall()]
    if made:
        columns = _columns(made, "referees", "referrers")
        cursor.execute(_NAME_REFERRERS, columns)
        cursor.execute(_COUNT, columns)
    return len(made)


def _columns(rows: Sequence[tuple[Any, Any]], *names: str) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}
