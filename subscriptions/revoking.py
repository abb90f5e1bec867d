"""Lets a grant count as if it had never been made. Runs inside a transaction."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit
from subscriptions.granting import store_projection
from subscriptions.models import Grant, UserSubscription

REVOKED = audit.action("grant.revoked", _("Grant revoked"))


def revoke(
    subscription: UserSubscription, grant: Grant, actor: AbstractBaseUser | None, reason: str, now: datetime
) -> None:
    """Revoke a grant of a locked subscription, and store the projection."""
    before = access_shown(subscription)
    grant.revoked_at, grant.revoked_by_id, grant.revoke_reason = now, actor.pk if actor else None, reason
    grant.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
    store_projection(subscription, now)
    changes = [
        audit.Change(subscription, before, access_shown(subscription)),
        audit.Change(grant, {"revoked_at": None}, {"revoked_at": now.isoformat()}),
    ]
    audit.record(REVOKED, changes, actor=actor, reason=reason, now=now)


def access_shown(subscription: UserSubscription) -> dict[str, str | None]:
    """Give what a subscription shows, as the audit log keeps it."""
    return {
        "tier": subscription.tier,
        "expires_at": _text(subscription.expires_at),
        "next_tier": subscription.next_tier,
        "next_expires_at": _text(subscription.next_expires_at),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
