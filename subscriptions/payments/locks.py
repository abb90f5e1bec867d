"""The locks of money, in the order in which everybody takes them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from faceitbot.core.errors import NotFound
from subscriptions.granting import locked_subscription
from subscriptions.models import Order, Payment, UserSubscription
from users.errors import UserNotFound
from users.models import User


def lock_charge(charge_id: str) -> None:
    """Let nobody else work on this charge until the transaction ends, whether or not it has a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('charge ' || %s, 0))", [charge_id])


def lock_owner(user_id: UUID) -> tuple[User, UserSubscription]:
    """Lock a user and his subscription, and give them as they are now. Errors: `UserNotFound`."""
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    subscription = locked_subscription(user_id) if user else None
    if user is None or subscription is None:
        raise UserNotFound("there is no such user", id=str(user_id))
    return user, subscription


def lock_order(order_id: UUID) -> Order:
    """Lock an order, which is never deleted, and give it as it is now. Errors: `NotFound`."""
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise NotFound("there is no such order", id=str(order_id))
    return order


def lock_payments(payments: Iterable[UUID]) -> list[Payment]:
    """Lock payments in the order of their ids, and give them as they are now, with their orders."""
    rows = Payment.objects.select_for_update(no_key=True, of=("self",)).select_related("order")
    return list(rows.filter(pk__in=list(payments)).order_by("pk"))


def living_user(telegram_id: int) -> UUID | None:
    """Give the id of the user with this Telegram id, whom nobody erases until the transaction ends.

    As weak as the lock that a row which refers to him takes anyway, but taken before: who waits for somebody
    who is being erased finds nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM users WHERE telegram_id = %s FOR KEY SHARE", [telegram_id])
        found: tuple[UUID] | None = cursor.fetchone()
    return found[0] if found else None
