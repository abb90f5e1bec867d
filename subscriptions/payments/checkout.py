"""The answer to a pre-checkout query: may this be paid now? One indexed read, nothing cached."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import DateTimeField, Exists, F, Func, IntegerField, Q, QuerySet, Subquery, Value

from faceitbot.core.models import Switch
from faceitbot.core.statements import Param
from faceitbot.core.text import find_hostile_character
from subscriptions.models import Order, OrderState, PlanPrice
from subscriptions.models.orders import MAX_PAYLOAD_BYTES
from subscriptions.payments.judging import CURRENCY
from subscriptions.payments.ordering import SELLING
from users.models import User

Offer = Mapping[str, Any]
_CLOCK = Func(function="clock_timestamp", output_field=DateTimeField())
_SELLING_IS_OFF = Exists(Switch.objects.filter(name=SELLING, on=False))


class CheckoutDecision(NamedTuple):
    """Whether the buyer may pay. `error` is unknown, paid, expired, other_payer, currency, amount, closed
    (selling is off, or the buyer is blocked), unavailable (the database did not answer in time), or None.
    """

    ok: bool
    error: str | None


def is_payload(payload: object) -> bool:
    """Say whether a payload may be asked for at all."""
    return (
        isinstance(payload, str)
        and len(payload) <= MAX_PAYLOAD_BYTES
        and find_hostile_character(payload) is None
    )


def decide(
    offer: Offer | None, telegram_id: object, currency: object, total_amount: object
) -> CheckoutDecision:
    """Say whether what is offered may be paid by him, at this price. Nothing that is asked raises."""
    error = _error(offer, telegram_id, currency, total_amount)
    return CheckoutDecision(error is None, error)


def _error(offer: Offer | None, telegram_id: object, currency: object, total_amount: object) -> str | None:
    if offer is None:
        return "unknown"
    if offer["paid"]:
        return "paid"
    if offer["expired"]:
        return "expired"
    if isinstance(telegram_id, bool) or telegram_id != offer["buyer"]:
        return "other_payer"
    if currency != CURRENCY:
        return "currency"
    if isinstance(total_amount, bool) or total_amount != offer["price"]:
        return "amount"
    return "closed" if offer["closed"] else None


def offers(now: datetime | None = None) -> QuerySet[Order, Offer]:
    """Give what orders offer at a moment, that of the database unless given."""
    moment = _CLOCK if now is None else Value(now, output_field=DateTimeField())
    return Order.objects.values(
        buyer=F("user__telegram_id"),
        price=F("stars"),
        paid=Q(state=OrderState.PAID),
        expired=Q(expires_at__lte=moment),
        closed=_SELLING_IS_OFF | Q(user__blocked_at__isnull=False),
    )


def legacy_offers(tier: str | Param, duration: str | Param) -> QuerySet[User, Offer]:
    """Give what the predecessor's invoices for a plan offer, by their buyers."""
    plan = PlanPrice.objects.filter(tier=tier, duration=duration)
    return User.objects.values(
        buyer=F("telegram_id"),
        price=Subquery(plan.values("stars")[:1], output_field=IntegerField()),
        paid=Value(False),
        expired=Value(False),
        closed=_SELLING_IS_OFF | Q(blocked_at__isnull=False) | ~Exists(plan.filter(on_sale=True)),
    )


OFFERS = offers()
LEGACY_OFFERS = legacy_offers(Param("tier"), Param("duration"))
