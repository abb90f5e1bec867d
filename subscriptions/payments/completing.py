"""Takes money in: stored whatever it is, granted once if it is honest. Runs inside one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit
from faceitbot.core.observability import emit
from subscriptions.granting import add_grant, database_now
from subscriptions.models import (
    ChargeKind,
    GrantSource,
    Notice,
    NoticeKind,
    Order,
    OrderState,
    Payment,
    PaymentStatus,
    PlanPrice,
    RenewalState,
    ReviewReason,
    UserSubscription,
)
from subscriptions.payments.judging import Offer, Verdict, judge
from subscriptions.payments.locks import living_user, lock_charge, lock_order, lock_owner, lock_payments
from subscriptions.payments.ordering import make_order, plan_of
from subscriptions.payments.payloads import read_legacy
from subscriptions.payments.received import Received
from subscriptions.payments.renewing import show_renewals
from subscriptions.payments.states import move
from users.models import User

COMPLETED = audit.action("payment.completed", _("Payment completed"))
REVIEWED = audit.action("payment.needs_review", _("Payment put in review"))
PAYMENT_METHOD = "telegram_stars"
_UNPAID = (PaymentStatus.PENDING, PaymentStatus.FAILED)
log = structlog.get_logger(__name__)


class PaymentOutcome(NamedTuple):
    """What became of money: granted, repeated (known before), renewed, in_review, refunded_before.

    `subscription` is that of the payment's user, as it is now; None when nobody knows the user.
    """

    kind: str
    payment: Payment
    subscription: UserSubscription | None


@dataclass
class Sale:
    """What money came for, with its rows locked: an order, or a plan for an invoice of the predecessor."""

    user: User
    subscription: UserSubscription
    what: Order | PlanPrice

    @property
    def order(self) -> Order | None:
        """The order, if there is one yet."""
        return self.what if isinstance(self.what, Order) else None

    @property
    def offer(self) -> Offer:
        """What the rule needs to know."""
        if isinstance(self.what, PlanPrice):
            return Offer(self.user.telegram_id, self.what.stars, recurring=False)
        # What staff let somebody else have is not his: he has not paid by it.
        paid = self.what.payments.filter(completed_at__isnull=False, grant__user=self.user)
        kinds = list(paid.values_list("charge_kind", flat=True))
        return Offer(self.user.telegram_id, self.what.stars, self.what.recurring, kinds)


def record(received: Received, now: datetime | None = None) -> PaymentOutcome:
    """Store a charge, and grant what it pays for: exactly once, however often and in whatever order it comes.

    The moment is the database's, read after the locks.
    """
    lock_charge(received.charge_id)
    known = Payment.objects.filter(telegram_payment_charge_id=received.charge_id).first()
    if known is not None:
        return _again(known, received, now)
    sale = find_sale(received.payload)
    moment = now or database_now()
    if sale is None:
        legacy = read_legacy(received.payload)
        reason = ReviewReason.UNKNOWN_USER if legacy else ReviewReason.UNKNOWN_PAYLOAD
        return _review(received, None, reason, moment)
    verdict = judge(sale.offer, received)
    if isinstance(verdict, ReviewReason):
        return _review(received, sale.order, verdict, moment)
    return _grant(received, sale, moment, renews=verdict is Verdict.RENEWS)


def find_sale(payload: str) -> Sale | None:
    """Find and lock what a payload stands for; None if it stands for nothing."""
    found = Order.objects.filter(payload=payload).values_list("pk", "user_id").first()
    if found is not None:
        order_id, user_id = found
        return Sale(*lock_owner(user_id), lock_order(order_id))
    legacy = read_legacy(payload)
    buyer_id = _user_id(legacy.telegram_id) if legacy else None
    if legacy is None or buyer_id is None:
        return None
    return Sale(*lock_owner(buyer_id), plan_of(legacy.tier, legacy.duration))


def complete(
    payment: Payment, order: Order, subscription: UserSubscription, moment: datetime, *, renews: bool = False
) -> None:
    """Let a payment with a charge buy what its order sells, for the owner of the locked subscription.

    The caller writes the audit entry: who has decided it.
    """
    move(payment, PaymentStatus.COMPLETED)
    payment.order, payment.tier, payment.days, payment.completed_at = order, order.tier, order.days, moment
    payment.save()
    subscription.payment_method = PAYMENT_METHOD
    # Staff may give somebody else what the money was meant to buy: the order stays open for its buyer.
    if order.user_id == subscription.user_id:
        _mark_paid(order, subscription, payment, moment)
    subscription.save(update_fields=["payment_method", "auto_renew", "renewal_failed_at"])
    add_grant(
        subscription,
        timedelta(days=order.days),
        moment,
        tier=order.tier,
        source=GrantSource.PAYMENT,
        payment=payment,
    )
    emit(
        COMPLETED,
        float(payment.amount or 0),
        {"tier": order.tier, "duration": order.duration, "renewal": str(renews).lower()},
    )


def _grant(received: Received, sale: Sale, moment: datetime, *, renews: bool) -> PaymentOutcome:
    user, subscription, what = sale.user, sale.subscription, sale.what
    order = what if isinstance(what, Order) else make_order(user, what, what.stars, moment)
    payment = _expected(order) or Payment(created_at=moment)
    payment.user, payment.amount, payment.received_at = user, received.amount, moment
    _keep(payment, received)
    before = payment.status
    complete(payment, order, subscription, moment, renews=renews)
    change = {"status": payment.status, "amount": payment.amount, "tier": order.tier, "days": order.days}
    audit.record(COMPLETED, [audit.Change(payment, {"status": before}, change)], actor=None, now=moment)
    if renews:
        data = {"tier": order.tier, "days": order.days, "stars": order.stars}
        Notice.objects.create(
            user=user, created_at=moment, kind=NoticeKind.RENEWED, subject=str(payment.pk), data=data
        )
    return PaymentOutcome("renewed" if renews else "granted", payment, subscription)


def _expected(order: Order) -> Payment | None:
    """Give the locked payment that waits for this money; one that was given up serves as well."""
    waiting = (
        order.payments.filter(status__in=_UNPAID).order_by("created_at", "pk").values_list("pk", flat=True)
    )
    found = lock_payments(waiting[:1])
    return found[0] if found else None


def _mark_paid(order: Order, subscription: UserSubscription, payment: Payment, moment: datetime) -> None:
    if order.state != OrderState.PAID:
        order.state, order.paid_at = OrderState.PAID, moment
    # A charge that is heard of late must not undo a cancellation; one that was made after it is a renewal.
    late = order.renewal == RenewalState.CANCELED and payment.charge_kind != ChargeKind.RENEWAL
    if order.recurring and not late:
        order.renewal = RenewalState.ACTIVE
    order.save(update_fields=["state", "paid_at", "renewal"])
    if order.recurring:
        show_renewals(subscription, moment)


def _review(
    received: Received, order: Order | None, reason: ReviewReason, moment: datetime
) -> PaymentOutcome:
    payment = Payment(
        order=order,
        user_id=_user_id(received.payer),
        status=PaymentStatus.NEEDS_REVIEW,
        review_reason=reason,
        created_at=moment,
        received_at=moment,
    )
    _keep(payment, received)
    payment.save()
    log.warning("payment.needs_review", payment=str(payment.pk), reason=reason.value)
    change = audit.Change(payment, {}, {"status": payment.status, "review_reason": reason.value})
    audit.record(REVIEWED, [change], actor=None, now=moment)
    emit(REVIEWED, tags={"reason": reason.value})
    return PaymentOutcome("in_review", payment, _subscription_of(payment))


def _again(known: Payment, received: Received, now: datetime | None) -> PaymentOutcome:
    if known.review_reason != ReviewReason.REFUND_FIRST:
        return PaymentOutcome("repeated", known, _subscription_of(known))
    if known.received_at is None:
        known.received_at = now or database_now()
        known.order = Order.objects.filter(payload=received.payload).first()
        known.user_id = _user_id(received.payer)
        _keep(known, received)
        known.save()
    return PaymentOutcome("refunded_before", known, _subscription_of(known))


def _keep(payment: Payment, received: Received) -> None:
    payment.telegram_payment_charge_id = received.charge_id
    for name, value in received.columns.items():
        setattr(payment, name, value)


def _user_id(telegram_id: int | None) -> UUID | None:
    return None if telegram_id is None else living_user(telegram_id)


def _subscription_of(payment: Payment) -> UserSubscription | None:
    return UserSubscription.objects.filter(user_id=payment.user_id).first() if payment.user_id else None
