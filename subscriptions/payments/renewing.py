"""What Telegram says of subscriptions that renew themselves. Runs inside a transaction."""

from datetime import datetime

import structlog

from subscriptions.granting import database_now
from subscriptions.models import Notice, NoticeKind, Order, RenewalState, UserSubscription
from subscriptions.payments.locks import lock_order, lock_owner

_RUNNING = (RenewalState.ACTIVE, RenewalState.FAILED)
log = structlog.get_logger(__name__)


def note_state(
    telegram_id: int, payload: str, state: RenewalState, now: datetime | None = None
) -> UserSubscription | None:
    """Note whether a user's order goes on renewing itself; his grants stay as they are.

    None for an order that is unknown, somebody else's, or does not renew itself. A failed renewal is told
    once: Telegram tries it again by itself.
    """
    found = Order.objects.filter(payload=payload, user__telegram_id=telegram_id, recurring=True)
    keys = found.values_list("pk", "user_id").first()
    if keys is None:
        log.warning("subscription.unknown_payload", telegram_id=telegram_id)
        return None
    order_id, user_id = keys
    user, subscription = lock_owner(user_id)
    order = lock_order(order_id)
    if order.renewal == state:
        return subscription
    order.renewal = state
    order.save(update_fields=["renewal"])
    moment = now or database_now()
    show_renewals(subscription, moment)
    subscription.save(update_fields=["auto_renew", "renewal_failed_at"])
    if state == RenewalState.FAILED:
        Notice.objects.create(
            user=user,
            created_at=moment,
            kind=NoticeKind.RENEWAL_FAILED,
            subject=f"{order.pk} {moment.isoformat()}",
            data={"tier": order.tier, "stars": order.stars},
        )
    return subscription


def show_renewals(subscription: UserSubscription, now: datetime) -> None:
    """Let a locked subscription show what its user's orders say of their renewal; the caller saves it."""
    states = Order.objects.filter(user_id=subscription.user_id, renewal__in=_RUNNING)
    found = set(states.values_list("renewal", flat=True))
    subscription.auto_renew = bool(found)
    if RenewalState.FAILED in found:
        subscription.renewal_failed_at = subscription.renewal_failed_at or now
    else:
        subscription.renewal_failed_at = None
