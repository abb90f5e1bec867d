"""Adds and revokes grants, and stores what they come to. Everything here runs inside a transaction.

The subscription's row is locked first, so grants of one user queue up behind each other; the moment is read
from the database's clock after the lock, so no grant lies in the future of another.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from faceitbot.core import clock
from subscriptions.models import Grant, UserSubscription
from subscriptions.rules import GrantFacts, Projection, project
from users.models import User

_PROJECTED = ("tier", "expires_at", "next_tier", "next_expires_at")


def locked_subscription(user_id: UUID) -> UserSubscription | None:
    """Lock the subscription of a user and give it, making a row that is missing; None for an unknown user."""
    rows = UserSubscription.objects.select_for_update(no_key=True).filter(user_id=user_id)
    found = rows.first()
    if found is not None or not User.objects.filter(pk=user_id).exists():
        return found
    make_free_subscriptions([user_id])
    return rows.first()


def make_free_subscriptions(user_ids: Iterable[UUID]) -> None:
    """Give every user a FREE row who has none."""
    rows = [UserSubscription(user_id=user_id) for user_id in user_ids]
    UserSubscription.objects.bulk_create(rows, ignore_conflicts=True)


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
        subscription.save(update_fields=[*_PROJECTED, "updated_at"])
    return changed


def show(subscription: UserSubscription, projection: Projection) -> bool:
    """Set the columns to a projection; say whether one changed."""
    before = [getattr(subscription, name) for name in _PROJECTED]
    for name in _PROJECTED:
        setattr(subscription, name, getattr(projection, name))
    return before != [getattr(subscription, name) for name in _PROJECTED]


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
