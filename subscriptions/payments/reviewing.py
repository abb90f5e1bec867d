"""What staff answer to money that could not be matched. Runs inside a transaction."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit
from faceitbot.core.errors import Refused
from subscriptions.errors import PaymentStateError
from subscriptions.granting import database_now
from subscriptions.models import Notice, NoticeKind, Payment, PaymentStatus, PlanPrice
from subscriptions.models.plans import MAX_STARS
from subscriptions.payments.completing import complete
from subscriptions.payments.judging import CURRENCY
from subscriptions.payments.locks import lock_charge, lock_order, lock_owner, lock_payments
from subscriptions.payments.ordering import make_order

RESOLVED = audit.action("payment.review_resolved", _("Review resolved"))


def grant_reviewed(
    payment: Payment,
    grant_to: UUID,
    plan: PlanPrice | None,
    actor: AbstractBaseUser,
    reason: str,
    now: datetime | None = None,
) -> Payment:
    """Let money in review buy its order for a user, or `plan` where nobody knows what it was for.

    Errors: `UserNotFound`, `PaymentStateError`; `Refused` with the reason not_stars when what came is no
    number of Stars that could be counted as revenue, or no_plan when it is not said what it buys.
    """
    lock_charge(payment.telegram_payment_charge_id or "")
    user, subscription = lock_owner(grant_to)
    order = lock_order(payment.order_id) if payment.order_id else None
    (payment,) = lock_payments([payment.pk])
    if payment.status != PaymentStatus.NEEDS_REVIEW:
        raise PaymentStateError(
            f"a payment that is {payment.status} is not in review", id=str(payment.pk), status=payment.status
        )
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
    }
    audit.record(
        RESOLVED, [audit.Change(payment, {"status": "needs_review"}, after)], actor=actor, reason=reason
    )
    Notice.objects.create(
        user=user,
        kind=NoticeKind.PAYMENT_RESOLVED,
        subject=str(payment.pk),
        data={"tier": order.tier, "days": order.days},
    )
    return payment
