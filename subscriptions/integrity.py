"""What must be true of subscriptions, grants and referrals together."""

from collections.abc import Iterator
from itertools import islice

from django.db import connection, transaction

from faceitbot.core import clock, integrity
from faceitbot.core.integrity import Invariant, by_query
from subscriptions.granting import database_now, grants_of, projection_of
from subscriptions.models import UserSubscription
from subscriptions.rules import Projection, as_of

_BATCH = 1_000


def subscriptions_that_differ_from_their_grants() -> Iterator[str]:
    """Give the subscriptions that do not show what their grants come to at this moment."""
    rows = iter(UserSubscription.objects.order_by("id").iterator(chunk_size=_BATCH))
    while batch := list(islice(rows, _BATCH)):
        for row in _differing(batch):
            # A grant may have come between the two reads; under the lock nothing does.
            with transaction.atomic():
                locked = UserSubscription.objects.select_for_update(no_key=True).filter(pk=row.pk)
                for again in _differing(list(locked)):
                    yield f"user {again.user_id}: stored {_shown(again)}, granted {_granted(again)}"


def _differing(rows: list[UserSubscription]) -> list[UserSubscription]:
    now, grants = database_now(), grants_of(row.user_id for row in rows)
    return [row for row in rows if as_of(_shown(row), now) != projection_of(grants[row.user_id], now)]


def _shown(row: UserSubscription) -> Projection:
    return Projection(row.tier, row.expires_at, row.next_tier, row.next_expires_at)


def _granted(row: UserSubscription) -> Projection:
    return projection_of(grants_of([row.user_id])[row.user_id], database_now())


def requests_beyond_every_limit() -> Iterator[str]:
    """Give who made more requests today than any tier allows that he was ever given.

    Requests that were counted unconditionally, or by another system whose counts came in today, or before a
    limit was lowered today, show here as well.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEYOND, [clock.today()])
        yield from (str(row[0]) for row in cursor.fetchall())


_BEYOND = """
SELECT format('user %%s: %%s requests', user_id, rows.daily_requests) FROM user_subscriptions AS rows
WHERE last_reset_date = %s AND NOT EXISTS (
    SELECT FROM tier_limits
    WHERE (tier_limits.daily_requests = -1 OR tier_limits.daily_requests >= rows.daily_requests)
        AND (tier_limits.tier = 'free' OR EXISTS (
            SELECT FROM grants WHERE grants.user_id = rows.user_id AND grants.tier = tier_limits.tier))
)
"""

INVARIANTS = [
    Invariant(
        "subscription_shows_grants",
        "tier and end in force are what the grants come to",
        subscriptions_that_differ_from_their_grants,
    ),
    Invariant(
        "user_has_subscription",
        "every user has a subscription row",
        by_query(
            "SELECT 'user ' || users.id FROM users LEFT JOIN user_subscriptions ON user_id = users.id"
            " WHERE user_id IS NULL"
        ),
    ),
    Invariant(
        "referrals_are_counted",
        "referrals_count is the number of the referrals that are not voided",
        by_query(
            "SELECT format('user %s: counted %s, made %s', user_id, referrals_count, count(referrals.id))"
            " FROM user_subscriptions LEFT JOIN referrals"
            " ON referrer_id = user_id AND referrals.voided_at IS NULL"
            " GROUP BY user_id, referrals_count HAVING referrals_count <> count(referrals.id)"
        ),
    ),
    Invariant(
        "referred_by_is_the_referrer",
        "referred_by names the referrer of the referral",
        by_query(
            "SELECT 'user ' || user_id FROM user_subscriptions LEFT JOIN referrals ON referee_id = user_id"
            " WHERE referred_by_id IS DISTINCT FROM referrer_id"
        ),
    ),
    Invariant(
        "voided_referral_gives_nothing",
        "a voided referral has no live grant",
        by_query(
            "SELECT 'grant ' || grants.id FROM grants JOIN referrals ON referrals.id = referral_id"
            " WHERE voided_at IS NOT NULL AND revoked_at IS NULL"
        ),
    ),
    Invariant(
        "completed_payment_has_its_grant",
        "every completed payment gave exactly one grant of its tier and days",
        by_query(
            "SELECT 'payment ' || payments.id FROM payments LEFT JOIN grants ON payment_id = payments.id"
            " WHERE completed_at IS NOT NULL AND (grants.id IS NULL OR grants.tier <> payments.tier"
            " OR grants.duration <> make_interval(days => payments.days))"
        ),
    ),
    Invariant(
        "unmatched_payment_gives_nothing",
        "money that was never completed gave no grant",
        by_query(
            "SELECT 'payment ' || payments.id FROM payments JOIN grants ON payment_id = payments.id"
            " WHERE completed_at IS NULL"
        ),
    ),
    Invariant(
        "refunded_payment_gives_nothing",
        "a refunded payment has no live grant",
        by_query(
            "SELECT 'payment ' || payments.id FROM payments JOIN grants ON payment_id = payments.id"
            " WHERE status = 'refunded' AND revoked_at IS NULL"
        ),
    ),
    Invariant(
        "paid_order_has_its_payment",
        "an order is paid exactly when a payment of its own buyer was completed",
        by_query(
            "SELECT 'order ' || orders.id FROM orders WHERE (state = 'paid') <> EXISTS (SELECT FROM payments"
            " JOIN grants ON payment_id = payments.id WHERE payments.order_id = orders.id"
            " AND grants.user_id = orders.user_id AND completed_at IS NOT NULL)"
        ),
    ),
    Invariant(
        "renewal_shows_on_the_subscription",
        "a subscription renews itself when one of its orders does",
        by_query(
            # Who has no order that says anything brought the word from the old bot.
            "SELECT 'user ' || user_id FROM user_subscriptions JOIN (SELECT user_id,"
            " bool_or(renewal IN ('active', 'failed')) AS runs FROM orders WHERE renewal <> ''"
            " GROUP BY user_id) AS told USING (user_id) WHERE auto_renew <> told.runs"
        ),
    ),
    Invariant(
        "requests_within_the_highest_limit",
        "nobody was admitted more often today than the highest limit of a tier that he ever had",
        requests_beyond_every_limit,
    ),
]


def register() -> None:
    """Have them checked."""
    for invariant in INVARIANTS:
        integrity.register(invariant)
