"""Which payments are somebody's: paid by him, or for his order, or for what he was given."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from subscriptions.models import Grant, Payment
from users.models import User


def payments_of(users: Collection[UUID]) -> Q:
    """Give the condition of all payments that have to do with these users.

    One sub-query for each way to belong: an index serves each, and none would serve them joined by OR.
    """
    paid = Payment.objects.filter(user__in=users).values("pk")
    ordered = Payment.objects.filter(order__user__in=users).values("pk")
    given = Grant.objects.filter(user__in=users, payment__isnull=False).values("payment")
    return Q(pk__in=paid.union(ordered, given))


def paid_by(user: User) -> Q:
    """Give the condition of what he paid himself, of those payments.

    Who paid is forgotten a while after the end of a matter; then it counts as paid by whom it stands for.
    """
    himself = Q(payer_telegram_id__isnull=True)
    if user.telegram_id is not None:
        himself |= Q(payer_telegram_id=user.telegram_id)
    return Q(user=user) & himself


def buyer_of(payment: Payment) -> User | None:
    """Give whose order the money came for, as long as he is known."""
    buyer = payment.order.user if payment.order else None
    return buyer if buyer and buyer.telegram_id else None


def payer_of(payment: Payment) -> User | None:
    """Give who sent the money, if he is a user."""
    payer = payment.payer_telegram_id
    if payment.user and payment.user.telegram_id == payer:
        return payment.user if payer else None
    return User.objects.filter(telegram_id=payer).first() if payer else None
