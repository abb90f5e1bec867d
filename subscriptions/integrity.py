"""What must be true of subscriptions, grants and referrals together."""

from collections.abc import Iterator
from itertools import islice

from faceitbot.core import integrity
from faceitbot.core.integrity import Invariant, by_query
from subscriptions.granting import database_now, grants_of, projection_of
from subscriptions.models import UserSubscription
from subscriptions.rules import Projection, effective

_BATCH = 1_000


def subscriptions_that_differ_from_their_grants() -> Iterator[str]:
    """Give the subscriptions whose tier in force is not what their grants come to at this moment."""
    now = database_now()
    rows = iter(UserSubscription.objects.order_by("id").iterator(chunk_size=_BATCH))
    while batch := list(islice(rows, _BATCH)):
        grants = grants_of(row.user_id for row in batch)
        for row in batch:
            stored = Projection(row.tier, row.expires_at, row.next_tier, row.next_expires_at)
            granted = projection_of(grants[row.user_id], now)
            if effective(stored, now) != granted.tier:
                yield f"user {row.user_id}: stored {effective(stored, now)}, granted {granted.tier}"


INVARIANTS = [
    Invariant(
        "subscription_shows_grants",
        "the tier in force is what the grants come to",
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
            "SELECT 'user ' || user_id FROM user_subscriptions"
            " WHERE NOT auto_renew AND EXISTS (SELECT FROM orders"
            " WHERE orders.user_id = user_subscriptions.user_id AND renewal IN ('active', 'failed'))"
        ),
    ),
    Invariant(
        "requests_within_the_highest_limit",
        "nobody was admitted more often today than the highest limit allows",
        by_query(
            "SELECT format('user %s: %s requests', user_id, user_subscriptions.daily_requests)"
            " FROM user_subscriptions WHERE NOT EXISTS (SELECT FROM tier_limits WHERE"
            " tier_limits.daily_requests = -1"
            " OR tier_limits.daily_requests >= user_subscriptions.daily_requests)"
        ),
    ),
]


def register() -> None:
    """Have them checked."""
    for invariant in INVARIANTS:
        integrity.register(invariant)
