"""Gives money back: staff ask for it, one of the bot's processes does it, Telegram confirms it.

Everything here runs inside a transaction.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from faceitbot.core import audit
from faceitbot.core.errors import InvalidInput, Refused
from faceitbot.core.observability import emit
from faceitbot.core.text import remove_hostile_characters
from subscriptions.errors import PaymentNotFound, PaymentStateError
from subscriptions.granting import database_now
from subscriptions.models import Grant, Notice, NoticeKind, Payment, PaymentStatus, ReviewReason
from subscriptions.models.payments import MAX_ERROR_LENGTH
from subscriptions.models.plans import MAX_STARS
from subscriptions.payments.locks import lock_charge, lock_owner, lock_payments
from subscriptions.payments.received import stored_charge_id
from subscriptions.payments.states import move
from subscriptions.revoking import revoke

REQUESTED = audit.action("payment.refund_requested", _("Refund requested"))
CANCELLED = audit.action("payment.refund_cancelled", _("Refund cancelled"))
REFUNDED = audit.action("payment.refunded", _("Money given back"))
# Source: Telegram Bot API, refundStarPayment: the money went back before.
ALREADY_REFUNDED = "CHARGE_ALREADY_REFUNDED"
LONGEST_WAIT = timedelta(hours=6)
log = structlog.get_logger(__name__)
WENT_BACK = gettext_noop("the payment was refunded")

_CLAIM = """
WITH due AS (
    SELECT id FROM payments
    WHERE status = 'refund_pending' AND (refund_claimed_until IS NULL OR refund_claimed_until <= %(now)s)
    ORDER BY refund_requested_at, id LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE payments SET refund_claimed_until = %(until)s, refund_attempts = refund_attempts + 1
FROM due WHERE payments.id = due.id
RETURNING payments.id, payer_telegram_id,
    (SELECT telegram_id FROM users WHERE users.id = payments.user_id AND payments.review_reason = ''),
    telegram_payment_charge_id,
    refund_requested_at
"""


class RefundToSubmit(NamedTuple):
    """What `refundStarPayment` needs."""

    payment_id: UUID
    telegram_id: int
    charge_id: str


def ask(
    payment_id: UUID,
    actor: AbstractBaseUser,
    reason: str,
    now: datetime | None = None,
    *,
    only: PaymentStatus | None = None,
) -> Payment:
    """Have a payment given back; with `only`, one that is still in that state.

    Errors: `PaymentNotFound`, `PaymentStateError`, `Refused` with the reason payer_forgotten.
    """
    payment = locked_payment(payment_id)
    if only is not None and payment.status != only:
        raise PaymentStateError(
            f"the payment is {payment.status} meanwhile", id=str(payment.pk), status=payment.status
        )
    payer = payment.payer_telegram_id
    # Money that was never in review is its user's own; what was in review may have been somebody else's.
    if payer is None and payment.user and not payment.review_reason:
        payer = payment.user.telegram_id
    before = payment.status
    move(payment, PaymentStatus.REFUND_PENDING)
    if payer is None:
        raise Refused("nobody knows any more to whom the Stars would go", reason="payer_forgotten")
    payment.refund_requested_at, payment.refund_claimed_until = now or database_now(), None
    payment.refund_attempts, payment.error = 0, ""
    payment.save()
    _audit(REQUESTED, payment, before, actor, reason, payment.refund_requested_at)
    return payment


def cancel(payment_id: UUID, actor: AbstractBaseUser, reason: str) -> Payment:
    """Take a request back that no process of the bot has claimed yet.

    What was in review is in review again. Errors: `PaymentNotFound`, `PaymentStateError`.
    """
    payment = locked_payment(payment_id)
    before = payment.status
    move(payment, PaymentStatus.COMPLETED if payment.completed_at else PaymentStatus.NEEDS_REVIEW)
    if before != PaymentStatus.REFUND_PENDING or payment.refund_attempts:
        raise PaymentStateError(
            "the bot has begun to give this payment back", id=str(payment.pk), status=before
        )
    payment.refund_requested_at = None
    payment.save()
    _audit(CANCELLED, payment, before, actor, reason)
    return payment


def claim(limit: int, lease_seconds: int, now: datetime) -> list[RefundToSubmit]:
    """Claim refunds that are due, oldest first; nobody else is given them before the lease is over."""
    values: dict[str, Any] = {"now": now, "limit": limit, "until": now + timedelta(seconds=lease_seconds)}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        rows = sorted(cursor.fetchall(), key=lambda row: (row[4], row[0]))
    return [RefundToSubmit(row[0], row[1] or row[2], row[3]) for row in rows]


def failed(payment_id: UUID, error: str, now: datetime | None = None) -> Payment:
    """Keep a refund waiting, each time for twice as long; that it was done before is success.

    Errors: `PaymentNotFound`, `PaymentStateError`.
    """
    charge = (
        Payment.objects.filter(pk=payment_id).values_list("telegram_payment_charge_id", flat=True).first()
    )
    if ALREADY_REFUNDED in error and charge:
        return refunded(charge, now)
    payment = locked_payment(payment_id)
    if payment.status != PaymentStatus.REFUND_PENDING:
        raise PaymentStateError(
            f"a payment that is {payment.status} awaits no refund", id=str(payment.pk), status=payment.status
        )
    wait = min(timedelta(minutes=2 ** min(payment.refund_attempts, 10)), LONGEST_WAIT)
    payment.error = remove_hostile_characters(error)[:MAX_ERROR_LENGTH]
    payment.refund_claimed_until = (now or database_now()) + wait
    payment.save(update_fields=["error", "refund_claimed_until"])
    return payment


def refunded(charge_id: object, now: datetime | None = None) -> Payment:
    """Remember that the money of a charge went back, and take the access that it bought.

    A charge that nobody has heard of leaves a row that the payment finds when it comes.
    Errors: `InvalidInput` for an empty charge id.
    """
    if not charge_id:
        raise InvalidInput("the refund has no charge id", field="charge_id")
    charge = stored_charge_id(charge_id)
    lock_charge(charge)
    known = Payment.objects.filter(telegram_payment_charge_id=charge).first()
    if known is None:
        moment = now or database_now()
        payment = Payment.objects.create(
            telegram_payment_charge_id=charge,
            status=PaymentStatus.REFUNDED,
            review_reason=ReviewReason.REFUND_FIRST,
            created_at=moment,
            refunded_at=moment,
        )
        log.warning("payment.refund_first", payment=str(payment.pk))
        _audit(REFUNDED, payment, "", None, "", moment)
        return payment
    if known.status == PaymentStatus.REFUNDED:
        return known
    grant = Grant.objects.filter(payment=known).first()
    subscription = lock_owner(grant.user_id)[1] if grant else None
    (payment,) = lock_payments([known.pk])
    if payment.status == PaymentStatus.REFUNDED:
        return payment
    before, moment = payment.status, now or database_now()
    move(payment, PaymentStatus.REFUNDED)
    payment.refunded_at, payment.refund_claimed_until, payment.error = moment, None, ""
    payment.save()
    if grant and subscription:
        grant.refresh_from_db()
        if grant.revoked_at is None:
            revoke(subscription, grant, None, WENT_BACK, moment)
    _audit(REFUNDED, payment, before, None, "", moment)
    _tell(payment)
    emit(REFUNDED, float(payment.amount or 0))
    return payment


def locked_payment(payment_id: UUID) -> Payment:
    """Lock a payment with its user and his subscription. Errors: `PaymentNotFound`."""
    known = Payment.objects.filter(pk=payment_id).values_list("user_id").first()
    if known is None:
        raise PaymentNotFound("there is no such payment", id=str(payment_id))
    if known[0] is not None:
        lock_owner(known[0])
    return lock_payments([payment_id])[0]


def _tell(payment: Payment) -> None:
    stars = payment.amount or payment.received_amount
    if payment.user_id and stars and 0 < stars <= MAX_STARS:
        data = {"stars": stars, "tier": payment.tier}
        Notice.objects.create(
            user_id=payment.user_id,
            created_at=payment.refunded_at or database_now(),
            kind=NoticeKind.REFUNDED,
            subject=str(payment.pk),
            data=data,
        )


def _audit(
    action: audit.ActionName,
    payment: Payment,
    before: str,
    actor: AbstractBaseUser | None,
    reason: str,
    now: datetime | None = None,
) -> None:
    change = audit.Change(payment, {"status": before}, {"status": payment.status})
    audit.record(action, [change], actor=actor, reason=reason, now=now)
