"""Gives the members of a campaign what it gives, a batch at a time. Runs inside a transaction.

A member is claimed by the lock on his row, which another runner passes over, and is done with in the
transaction that gives: killed at any moment, a runner leaves each member given or waiting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from faceitbot.core import audit, bulk, clock
from subscriptions.granting import (
    GRANTED,
    PROJECTED,
    database_now,
    grants_of,
    locked_subscription,
    projection_of,
    share_users,
    show,
)
from subscriptions.models import Campaign, Grant, GrantSource, Notice, NoticeKind, UserSubscription
from subscriptions.models.campaigns import MemberRefusal
from subscriptions.revoking import access_shown
from subscriptions.rules import FREE
from users.models import User

# The campaign is shared, so that whoever stops it waits for the batches that are under way.
_RUNNING = "SELECT 1 FROM campaigns WHERE id = %s AND stopped_at IS NULL FOR SHARE"
_CLAIM = """
SELECT user_id FROM campaign_members WHERE campaign_id = %s AND done_at IS NULL
ORDER BY user_id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_DONE = """
UPDATE campaign_members AS member SET done_at = %s, grant_id = found.grant_id, refusal = found.refusal
FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS found(user_id, grant_id, refusal)
WHERE member.campaign_id = %s AND member.user_id = found.user_id
"""
_ADD = """
INSERT INTO campaign_members (campaign_id, user_id, refusal)
SELECT %s, id, '' FROM users WHERE id IN ({chosen}) AND erased_at IS NULL AND blocked_at IS NULL ORDER BY id
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class _Member:
    """What a batch makes of one member: a grant, or the reason why there is none."""

    user_id: UUID
    refusal: str = ""
    grant: Grant | None = None


def add_members(campaign: Campaign, users: QuerySet[User] | Sequence[UUID]) -> int:
    """Add users who are not in a campaign yet, but for the blocked and the erased; give how many.

    A queryset stays in the database, however many users it finds.
    """
    try:
        chosen, parameters = _query_of(users)
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(chosen=chosen), [campaign.pk, *parameters])
        return int(cursor.rowcount)


def _query_of(users: QuerySet[User] | Sequence[UUID]) -> tuple[str, tuple[Any, ...]]:
    if isinstance(users, QuerySet):
        return users.order_by().values("pk").query.sql_with_params()
    return "SELECT unnest(%s::uuid[])", (list(users),)


def give_batch(campaign_id: UUID, limit: int, now: datetime | None = None) -> int:
    """Give up to `limit` members what the campaign gives; say how many are done with by that."""
    claimed = _claimed(campaign_id, limit)
    if not claimed:
        return 0
    campaign = Campaign.objects.select_related("actor").get(pk=campaign_id)
    rows = _locked_subscriptions(claimed)
    users = {user.pk: user for user in User.objects.filter(pk__in=claimed)}
    moment = now or database_now()
    grants = grants_of(claimed)
    members = [_decided(campaign, users[key], rows[key], grants[key], moment) for key in claimed]
    given = [member.grant for member in members if member.grant is not None]
    before = {grant.user_id: access_shown(rows[grant.user_id]) for grant in given}
    Grant.objects.bulk_create(given)
    _show(rows, grants, given, moment)
    _tell(campaign, rows, before, given)
    with connection.cursor() as cursor:
        columns = (
            [member.user_id for member in members],
            [member.grant.pk if member.grant else None for member in members],
            [member.refusal for member in members],
        )
        cursor.execute(_DONE, [moment, *columns, campaign_id])
    return len(members)


def _claimed(campaign_id: UUID, limit: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, [campaign_id])
        if cursor.fetchone() is None:
            return []
        cursor.execute(_CLAIM, [campaign_id, limit])
        found = [row[0] for row in cursor.fetchall()]
    # The users come second here, but nobody is waited for: who is being erased or deleted comes later.
    return sorted(share_users(found, skip_locked=True))


def _locked_subscriptions(user_ids: Sequence[UUID]) -> dict[UUID, UserSubscription]:
    locked = UserSubscription.objects.select_for_update(no_key=True).filter(user_id__in=user_ids)
    rows = {row.user_id: row for row in locked.order_by("user_id")}
    for key in user_ids:
        if key not in rows and (made := locked_subscription(key)) is not None:
            rows[key] = made
    return rows


def _decided(
    campaign: Campaign, user: User, row: UserSubscription, grants: Sequence[Grant], now: datetime
) -> _Member:
    if user.erased_at:
        return _Member(user.pk, MemberRefusal.ERASED)
    if user.blocked_at:
        return _Member(user.pk, MemberRefusal.BLOCKED)
    tier = campaign.tier
    if not tier:
        current = projection_of(grants, now)
        if current.tier == FREE:
            return _Member(user.pk, MemberRefusal.NO_ACCESS)
        if current.expires_at is None:
            return _Member(user.pk, MemberRefusal.FOR_EVER)
        tier = current.tier
    grant = Grant(
        id=uuid4(),
        user_id=user.pk,
        tier=tier,
        starts_at=now,
        created_at=now,
        duration=timedelta(days=campaign.days),
        source=GrantSource.ADMIN,
        actor_id=campaign.actor_id,
        reason=campaign.reason,
        # Were a member ever claimed twice, the grants' own constraint would refuse the second.
        request_id=uuid5(campaign.pk, str(user.pk)).hex,
    )
    return _Member(user.pk, grant=grant)


def _show(
    rows: dict[UUID, UserSubscription],
    grants: dict[UUID, list[Grant]],
    given: Sequence[Grant],
    now: datetime,
) -> None:
    changes: list[tuple[UUID, dict[str, Any]]] = []
    for grant in given:
        row = rows[grant.user_id]
        if show(row, projection_of([*grants[grant.user_id], grant], now)):
            changes.append((row.pk, {name: getattr(row, name) for name in PROJECTED}))
    if changes:
        bulk.update_rows(UserSubscription, changes, {"updated_at": clock.now()})


def _tell(
    campaign: Campaign,
    rows: dict[UUID, UserSubscription],
    before: dict[UUID, dict[str, str | None]],
    given: Sequence[Grant],
) -> None:
    """Write the audit entries and the notices, as for access that is given to one user."""
    changes: list[audit.Change] = []
    for grant in given:
        row = rows[grant.user_id]
        what = {"tier": grant.tier, "days": campaign.days}
        changes += [
            audit.Change(row, before[grant.user_id], access_shown(row)),
            audit.Change(grant, {}, what),
        ]
    audit.record(GRANTED, changes, actor=campaign.actor, reason=campaign.reason)
    Notice.objects.bulk_create(
        Notice(
            user_id=grant.user_id,
            created_at=grant.created_at,
            kind=NoticeKind.GRANTED_BY_STAFF,
            subject=str(grant.pk),
            data={"tier": grant.tier, "days": campaign.days},
        )
        for grant in given
    )
