"""Orders that money in review may belong to."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from subscriptions.models import Order, OrderState, Payment, ReviewReason
from subscriptions.payments.judging import CURRENCY
from users.models import User

MOST = 5
AROUND = timedelta(days=2)
AROUND_OF_OTHERS = timedelta(hours=3)  # an invoice can be paid for an hour
# Money that may be somebody else's than the payer's.
OF_ANYBODY = (ReviewReason.OTHER_PAYER, ReviewReason.UNKNOWN_USER, ReviewReason.UNKNOWN_PAYLOAD)


def similar_orders(payment: Payment) -> list[Order]:
    """Give the payer's own orders of the days around the payment, the nearest in time first."""
    orders = _others_than_its_own(payment).filter(user__in=_payers(payment))
    return _nearest(orders, _came(payment), AROUND)


def orders_of_others(payment: Payment) -> list[Order]:
    """Give what others ordered for the same price about that time and have not paid, the nearest first.

    None where who paid says whose the money is.
    """
    if payment.review_reason not in OF_ANYBODY or payment.received_currency != CURRENCY:
        return []
    orders = _others_than_its_own(payment).exclude(user__in=_payers(payment))
    orders = orders.filter(state=OrderState.OPEN, stars=payment.received_amount or 0)
    return _nearest(orders, _came(payment), AROUND_OF_OTHERS)


def payable_orders(payment: Payment) -> list[Order]:
    """Give those of both that the money may pay: none if it has its order already."""
    if payment.order_id:
        return []
    found = [*similar_orders(payment), *orders_of_others(payment)]
    return [order for order in found if order.state == OrderState.OPEN]


def _came(payment: Payment) -> datetime:
    return payment.received_at or payment.created_at


def _payers(payment: Payment) -> set[UUID]:
    payers = User.objects.filter(telegram_id=payment.payer_telegram_id) if payment.payer_telegram_id else ()
    known = {payment.user_id} if payment.user_id else set()
    return known | {user.pk for user in payers}


def _others_than_its_own(payment: Payment) -> QuerySet[Order]:
    orders = Order.objects.select_related("user")
    return orders.exclude(pk=payment.order_id) if payment.order_id else orders


def _nearest(orders: QuerySet[Order], moment: datetime, around: timedelta) -> list[Order]:
    """Give the nearest in time: those before and those after are read in the order of an index each."""
    before = Q(created_at__lte=moment, created_at__gte=moment - around)
    after = Q(created_at__gt=moment, created_at__lte=moment + around)
    found = [
        *orders.filter(before).order_by("-created_at")[:MOST],
        *orders.filter(after).order_by("created_at")[:MOST],
    ]
    return sorted(found, key=lambda order: abs(order.created_at - moment))[:MOST]
