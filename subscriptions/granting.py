"""Adds and revokes grants, and stores what they come to. Everything here runs inside a transaction.

The user's row is shared, then the subscription's is locked, so grants of one user queue up behind each other;
the moment is read from the database's clock after the lock, so no grant lies in the future of another.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, bulk, clock
from subscriptions.models import Grant, Referral, UserSubscription
from subscriptions.rules import GrantFacts, Projection, project

GRANTED = audit.action("grant.given", _("Access given"))
_SHARE = "SELECT id FROM users WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
_MAKE_FREE = """
INSERT INTO user_subscriptions (id, user_id, tier, daily_requests, auto_renew, payment_method,
    referrals_count, created_at, updated_at)
SELECT gen_random_uuid(), user_id, 'free', 0, false, '', 0, users.created_at, %(now)s
FROM unnest(%(user_ids)s::uuid[]) AS made (user_id) JOIN users ON users.id = user_id
WHERE NOT EXISTS (SELECT FROM user_subscriptions AS there WHERE there.user_id = made.user_id)
ON CONFLICT (user_id) DO NOTHING
"""
PROJECTED = ("tier", "expires_at", "next_tier", "next_expires_at")


def locked_subscription(user_id: UUID) -> UserSubscription | None:
    """Lock the subscription of a user and give it; None for an unknown user.

    The user comes first: what is written for him here takes his row, too, and whoever deletes or erases him
    begins there. A row that is missing is made, and shows the grants and referrals that there are.
    """
    if not share_users([user_id]):
        return None
    rows = UserSubscription.objects.select_for_update(no_key=True).filter(user_id=user_id)
    found = rows.first()
    if found is None:
        make_free_subscriptions([user_id])
        found = rows.first()
        if found is not None:
            _restore(found)
    return found


def share_users(user_ids: Collection[UUID], *, skip_locked: bool = False) -> list[UUID]:
    """Keep users from being deleted or erased until the transaction ends; give those that there are.

    With `skip_locked`, those that somebody deletes or erases at this moment are left out.
    """
    statement = _SHARE + " SKIP LOCKED" if skip_locked else _SHARE
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(user_ids)])
        return [row[0] for row in cursor.fetchall()]


def _restore(subscription: UserSubscription) -> None:
    """Let a new row show what its user was given before."""
    user_id = subscription.user_id
    subscription.referrals_count = Referral.objects.filter(referrer_id=user_id, voided_at=None).count()
    referrer = Referral.objects.filter(referee_id=user_id).values_list("referrer_id", flat=True)
    subscription.referred_by_id = referrer.first()
    subscription.save(update_fields=["referrals_count", "referred_by"])
    store_projection(subscription, database_now())


def make_free_subscriptions(user_ids: Iterable[UUID]) -> None:
    """Give every user a FREE row who has none; he has had it since he came."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_FREE, {"user_ids": list(user_ids), "now": clock.now()})


def add_grant(
    subscription: UserSubscription, duration: timedelta | None, now: datetime | None = None, **facts: Any
) -> Grant:
    """Grant a tier to the owner of a locked subscription, from this moment on, and store the projection."""
    moment = now or database_now()
    grant = Grant.objects.create(
        user_id=subscription.user_id, starts_at=moment, created_at=moment, duration=duration, **facts
    )
    store_projection(subscription, moment)
    return grant


def store_projection(subscription: UserSubscription, now: datetime) -> bool:
    """Store what the grants come to at a moment; say whether a column changed."""
    projection = projection_of(grants_of([subscription.user_id])[subscription.user_id], now)
    changed = show(subscription, projection)
    if changed:
        subscription.updated_at = clock.now()
        subscription.save(update_fields=[*PROJECTED, "updated_at"])
    return changed


def store_projections(user_ids: Collection[UUID]) -> None:
    """Store what the grants of locked subscriptions come to at this moment.

    `updated_at` stays: it is for whoever changes access here, not for what other systems have given.
    """
    if not user_ids:
        return
    now, grants = database_now(), grants_of(user_ids)
    changes = [
        (row.pk, {name: getattr(row, name) for name in PROJECTED})
        for row in UserSubscription.objects.filter(user_id__in=list(user_ids))
        if show(row, projection_of(grants[row.user_id], now))
    ]
    if changes:
        bulk.update_rows(UserSubscription, changes, {})


def show(subscription: UserSubscription, projection: Projection) -> bool:
    """Set the columns to a projection; say whether one changed."""
    before = [getattr(subscription, name) for name in PROJECTED]
    for name in PROJECTED:
        setattr(subscription, name, getattr(projection, name))
    return before != [getattr(subscription, name) for name in PROJECTED]


def grants_of(user_ids: Iterable[UUID]) -> dict[UUID, list[Grant]]:
    """Give the grants of each user, in one query."""
    found: dict[UUID, list[Grant]] = {user_id: [] for user_id in user_ids}
    for grant in Grant.objects.filter(user_id__in=list(found)).order_by("starts_at", "id"):
        found[grant.user_id].append(grant)
    return found


def projection_of(grants: Iterable[Grant], now: datetime) -> Projection:
    """Give what grants come to at a moment."""
    return project((facts_of(grant) for grant in grants), now)


def facts_of(grant: Grant) -> GrantFacts:
    """Give of a grant what the rule needs."""
    return GrantFacts(grant.tier, grant.starts_at, grant.duration, grant.revoked_at)


def database_now() -> datetime:
    """Give the database's clock at this very moment, not at the start of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
