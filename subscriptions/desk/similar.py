"""Orders that money in review may belong to."""

from datetime import timedelta

from django.db.models import Q

from subscriptions.models import Order, Payment
from users.models import User

MOST = 5
AROUND = timedelta(days=2)


def similar_orders(payment: Payment) -> list[Order]:
    """Give the payer's own orders of the days around the payment, the nearest in time first."""
    moment = payment.received_at or payment.created_at
    payers = User.objects.filter(telegram_id=payment.payer_telegram_id) if payment.payer_telegram_id else ()
    owners = {user.pk for user in payers} | {payment.user_id} - {None}
    around = Q(created_at__range=(moment - AROUND, moment + AROUND))
    orders = Order.objects.filter(around, user__in=owners).select_related("user")
    if payment.order_id:
        orders = orders.exclude(pk=payment.order_id)
    return sorted(orders[: MOST * 4], key=lambda order: abs(order.created_at - moment))[:MOST]
