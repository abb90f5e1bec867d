"""Plans, grants, and what a user may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser

from faceitbot.core import audit, clock
from faceitbot.core.errors import Conflict, InvalidInput, NotFound, Refused
from faceitbot.core.ids import row_id, telegram_id
from faceitbot.core.observability import emit
from faceitbot.core.statements import one_row
from faceitbot.core.text import clean_text
from faceitbot.core.transactions import query, transactional
from faceitbot.core.values import whole
from subscriptions.entitlements import ENTITLEMENTS, FEATURES, entitlements
from subscriptions.errors import AlreadyRevoked
from subscriptions.granting import GRANTED, add_grant, database_now, facts_of, locked_subscription
from subscriptions.models import (
    Grant,
    GrantSource,
    Notice,
    NoticeKind,
    PlanPrice,
    SubscriptionTier,
    TierLimits,
    UserSubscription,
)
from subscriptions.models.plans import MAX_DAYS
from subscriptions.repositories.keys import user_at_present, user_key
from subscriptions.revoking import access_shown, revoke
from subscriptions.rules import GrantUse, Projection, as_of, explain
from users.errors import UserNotFound

MAX_REQUEST_ID_LENGTH = 64


@dataclass(frozen=True)
class Plan:
    """One thing that is or was sold. Units: days, whole Stars."""

    tier: str
    duration: str
    days: int
    stars: int
    limits: dict[str, int]
    features: dict[str, bool]
    on_sale: bool


def _telegram_key(telegram_user_id: int) -> int:
    return telegram_id(telegram_user_id, "telegram_user_id")


class AccessMethods:
    """Who may do what, until when, and why; `user_id` is our UUID."""

    @one_row(by="user_id", key=user_key, rows=UserSubscription.objects.all())
    @query
    def get_by_user_id(self, user_id: UUID) -> UserSubscription | None:
        """Give the subscription of a user, or None."""
        return UserSubscription.objects.filter(user_id=user_key(user_id)).first()

    @one_row(by="user__telegram_id", key=_telegram_key, rows=UserSubscription.objects.all())
    @query
    def get_by_telegram_user_id(self, telegram_user_id: int) -> UserSubscription | None:
        """Give the subscription of the user with this Telegram id, or None."""
        return UserSubscription.objects.filter(user__telegram_id=_telegram_key(telegram_user_id)).first()

    @transactional()
    def create_default_subscription(self, user_id: UUID) -> UserSubscription:
        """Give the subscription of a user, a FREE one if he had none. Errors: `UserNotFound`."""
        key = row_id(user_id, "user_id")
        found = locked_subscription(key)
        if found is None:
            raise UserNotFound("there is no such user", id=str(key))
        return found

    @query
    def get_plans(self) -> list[Plan]:
        """Give what is and was sold, cheapest first."""
        limits = {row.tier: row for row in TierLimits.objects.all()}
        return [_plan(price, limits[price.tier]) for price in PlanPrice.objects.order_by("stars", "tier")]

    @transactional()
    def upgrade_subscription(
        self,
        user_id: UUID,
        tier: str,
        duration_days: int = 30,
        payment_method: str = "telegram_stars",
        now: datetime | None = None,
    ) -> UserSubscription | None:
        """Grant a tier for some days from now on; None for an unknown user.

        Time that the user has already is kept: the highest tier is used first, the others wait.
        """
        wanted, duration = _paid(tier), timedelta(days=whole("duration_days", duration_days, 1, MAX_DAYS))
        method = clean_text(payment_method, "payment_method", 32)
        subscription = locked_subscription(row_id(user_id, "user_id"))
        if subscription is None:
            return None
        subscription.payment_method = method
        subscription.save(update_fields=["payment_method"])
        add_grant(subscription, duration, clock.aware_or_none(now), tier=wanted, source=GrantSource.PAYMENT)
        emit("subscription.upgraded", tags={"tier": wanted})
        return subscription

    @one_row(by="user_id", key=user_at_present, rows=ENTITLEMENTS, or_body=True)
    @query
    def get_entitlements(self, user_id: UUID, now: datetime | None = None) -> dict[str, dict[str, Any]]:
        """Give for every feature of the plan {value, tier, expires_at} as they are in force.

        An unknown user has what is free. Units: matches_history is a number of matches.
        """
        moment = clock.aware_or_none(now) or database_now()
        row = UserSubscription.objects.filter(user_id=row_id(user_id, "user_id")).first()
        current = as_of(_stored(row), moment) if row else Projection(SubscriptionTier.FREE.value, None)
        limits = TierLimits.objects.get(pk=current.tier)
        values = (getattr(limits, name) for name in FEATURES)
        return entitlements((current.tier, current.expires_at, *values))

    # ---- Staff

    @query
    def get_grants(self, user_id: UUID) -> list[Grant]:
        """Give all grants of a user, oldest first."""
        rows = Grant.objects.filter(user_id=row_id(user_id, "user_id"))
        return list(rows.order_by("starts_at", "id"))

    @query
    def explain_access(self, user_id: UUID, now: datetime | None = None) -> list[tuple[Grant, GrantUse]]:
        """Give what has become of each grant of a user, oldest first."""
        grants = self.get_grants.blocking(user_id)
        uses = explain((facts_of(grant) for grant in grants), clock.aware_or_none(now) or database_now())
        return list(zip(grants, uses, strict=True))

    @transactional()
    def grant_access(
        self,
        user_id: UUID,
        tier: str,
        duration_days: int | None,
        *,
        actor: AbstractBaseUser,
        reason: str,
        request_id: str,
        now: datetime | None = None,
    ) -> Grant:
        """Give a tier for some days, or for ever with None; the user is told, the audit log too.

        The same `request_id` again gives the same grant and changes nothing.
        Errors: `UserNotFound`; `Conflict` for a `request_id` that has given something else.
        """
        wanted, why = _paid(tier), audit.clean_reason(reason)
        request = clean_text(request_id, "request_id", MAX_REQUEST_ID_LENGTH)
        days = None if duration_days is None else whole("duration_days", duration_days, 1, MAX_DAYS)
        subscription = self.create_default_subscription.blocking(user_id)
        return _give(subscription, wanted, days, actor, why, request, clock.aware_or_none(now))

    @transactional()
    def extend_access(
        self,
        user_id: UUID,
        duration_days: int,
        *,
        actor: AbstractBaseUser,
        reason: str,
        request_id: str,
        now: datetime | None = None,
    ) -> Grant:
        """Give a user more days of the tier that is in force, as `grant_access` does.

        Errors: as `grant_access`; `Refused` with the reason no_access (there is nothing to extend) or
        for_ever (it never ends).
        """
        why, days = audit.clean_reason(reason), whole("duration_days", duration_days, 1, MAX_DAYS)
        request = clean_text(request_id, "request_id", MAX_REQUEST_ID_LENGTH)
        subscription = self.create_default_subscription.blocking(user_id)
        moment = clock.aware_or_none(now) or database_now()
        current = as_of(_stored(subscription), moment)
        repeated = Grant.objects.filter(request_id=request).first()
        if repeated is None and current.tier == SubscriptionTier.FREE:
            raise Refused("the user has no paid tier to extend", reason="no_access")
        if repeated is None and current.expires_at is None:
            raise Refused("the user has this tier for ever", reason="for_ever")
        tier = repeated.tier if repeated else current.tier
        return _give(subscription, tier, days, actor, why, request, moment)

    @transactional()
    def revoke_grant(
        self, grant_id: UUID, *, actor: AbstractBaseUser, reason: str, now: datetime | None = None
    ) -> Grant:
        """Let a grant count as if it had never been made, with an audit entry.

        Errors: `NotFound`; `AlreadyRevoked`.
        """
        why, key = audit.clean_reason(reason), row_id(grant_id, "grant_id")
        found = Grant.objects.filter(pk=key).values_list("user_id", flat=True).first()
        if found is None:
            raise NotFound("there is no such grant", id=str(key))
        subscription = self.create_default_subscription.blocking(found)
        grant = Grant.objects.get(pk=key)
        if grant.revoked_at is not None:
            raise AlreadyRevoked("the grant has been revoked before", id=str(key))
        revoke(subscription, grant, actor, why, clock.aware_or_none(now) or database_now())
        return grant


def _stored(row: UserSubscription) -> Projection:
    return Projection(row.tier, row.expires_at, row.next_tier, row.next_expires_at)


def _give(
    subscription: UserSubscription,
    tier: str,
    days: int | None,
    actor: AbstractBaseUser,
    why: str,
    request: str,
    now: datetime | None,
) -> Grant:
    """Grant what staff give to the owner of a locked subscription, once for each request."""
    duration = None if days is None else timedelta(days=days)
    repeated = Grant.objects.filter(request_id=request).first()
    if repeated is not None:
        if (repeated.user_id, repeated.tier, repeated.duration) != (subscription.user_id, tier, duration):
            raise Conflict("this request id has given something else before", field="request_id")
        return repeated
    before = access_shown(subscription)
    grant = add_grant(
        subscription,
        duration,
        now,
        tier=tier,
        source=GrantSource.ADMIN,
        actor=actor,
        reason=why,
        request_id=request,
    )
    given = {"tier": tier, "days": days}
    changes = [audit.Change(subscription, before, access_shown(subscription)), audit.Change(grant, {}, given)]
    audit.record(GRANTED, changes, actor=actor, reason=why, now=grant.created_at)
    Notice.objects.create(
        user_id=grant.user_id,
        created_at=grant.created_at,
        kind=NoticeKind.GRANTED_BY_STAFF,
        subject=str(grant.pk),
        data=given,
    )
    return grant


def _plan(price: PlanPrice, limits: TierLimits) -> Plan:
    return Plan(
        price.tier,
        price.duration,
        price.days,
        price.stars,
        {"daily_requests": limits.daily_requests, "matches_history": limits.matches_history},
        {name: getattr(limits, name) for name in FEATURES if name != "matches_history"},
        price.on_sale,
    )


def _paid(tier: object) -> str:
    if tier not in SubscriptionTier.paid():
        raise InvalidInput(
            f"tier must be one of {', '.join(SubscriptionTier.paid())}, not {tier!r}", field="tier"
        )
    return SubscriptionTier(tier).value
