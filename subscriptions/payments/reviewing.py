"""What staff answer to money that could not be matched. Runs inside a transaction."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit
from faceitbot.core.errors import Refused
from subscriptions.errors import PaymentStateError
from subscriptions.granting import database_now
from subscriptions.models import (
    Notice,
    NoticeKind,
    Order,
    OrderState,
    Payment,
    PaymentStatus,
    PlanPrice,
)
from subscriptions.models.plans import MAX_STARS
from subscriptions.payments.completing import complete
from subscriptions.payments.judging import CURRENCY
from subscriptions.payments.locks import lock_charge, lock_order, lock_owner, lock_payments
from subscriptions.payments.ordering import make_order
from users.models import User

RESOLVED = audit.action("payment.review_resolved", _("Review resolved"))


def grant_reviewed(
    payment: Payment,
    grant_to: UUID,
    plan: PlanPrice | None,
    actor: AbstractBaseUser,
    reason: str,
    now: datetime | None = None,
    *,
    chosen: UUID | None = None,
) -> Payment:
    """Let money in review buy its order for a user, or `plan` where nobody knows what it was for.

    `chosen` is that user's unpaid order which it was for, where it came without one; at whatever price.
    Errors: `UserNotFound`, `NotFound`, `PaymentStateError`; `Refused` with the reason not_stars when what
    came is no number of Stars that could be counted as revenue, or no_plan when it is not said what it buys.
    """
    lock_charge(payment.telegram_payment_charge_id or "")
    user, subscription = lock_owner(grant_to)
    known = payment.order_id
    order_id = known or chosen
    order = lock_order(order_id) if order_id else None
    (payment,) = lock_payments([payment.pk])
    if payment.status != PaymentStatus.NEEDS_REVIEW:
        raise PaymentStateError(
            f"a payment that is {payment.status} is not in review", id=str(payment.pk), status=payment.status
        )
    if chosen and order:
        _check_choice(order, chosen, known, user)
    amount = payment.received_amount or 0
    if payment.received_currency != CURRENCY or not 0 < amount <= MAX_STARS:
        raise Refused("what came is no number of Stars: give it back instead", reason="not_stars")
    moment = now or database_now()
    if order is None:
        if plan is None:
            raise Refused("say what the money buys: nobody knows what it was for", reason="no_plan")
        order = make_order(user, plan, amount, moment)
    payment.user, payment.amount = payment.user or user, amount
    complete(payment, order, subscription, moment)
    after = {
        "status": payment.status,
        "amount": payment.amount,
        "user": str(user.pk),
        "tier": order.tier,
        "days": order.days,
        **({} if known else {"order": str(order.pk)}),
    }
    change = audit.Change(payment, {"status": "needs_review"}, after)
    audit.record(RESOLVED, [change], actor=actor, reason=reason, now=moment)
    Notice.objects.create(
        user=user,
        created_at=moment,
        kind=NoticeKind.PAYMENT_RESOLVED,
        subject=str(payment.pk),
        data={"tier": order.tier, "days": order.days},
    )
    return payment


def _check_choice(order: Order, chosen: UUID, known: UUID | None, user: User) -> None:
    """Refuse an order that this money cannot be for. Errors: `PaymentStateError`."""
    if order.pk != chosen:
        raise PaymentStateError("this money came for another order", id=str(order.pk))
    if order.user_id != user.pk:
        raise PaymentStateError("this order is another user's", id=str(order.pk))
    if order.state != OrderState.OPEN and known is None:
        raise PaymentStateError("this order has been paid already", id=str(order.pk))
