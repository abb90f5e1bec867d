"""The answer to a pre-checkout query: may this be paid now? One indexed read, nothing cached."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import DateTimeField, Exists, F, Func, IntegerField, Q, Subquery, Value

from faceitbot.core.models import Switch
from faceitbot.core.text import find_hostile_character
from subscriptions.models import Order, OrderState, PlanPrice
from subscriptions.models.orders import MAX_PAYLOAD_BYTES
from subscriptions.payments.judging import CURRENCY
from subscriptions.payments.ordering import SELLING
from subscriptions.payments.payloads import LegacyPayload, read_legacy
from users.models import User

_CLOCK = Func(function="clock_timestamp", output_field=DateTimeField())


class CheckoutDecision(NamedTuple):
    """Whether the buyer may pay. `error` is unknown, paid, expired, other_payer, currency, amount, closed
    (selling is off, or the buyer is blocked), unavailable (the database did not answer in time), or None.
    """

    ok: bool
    error: str | None


def decide(
    payload: object, telegram_id: object, currency: object, total_amount: object, now: datetime | None = None
) -> CheckoutDecision:
    """Say whether this may be paid, and by him, and at this price. Nothing that is asked raises."""
    error = _error(payload, telegram_id, currency, total_amount, now)
    return CheckoutDecision(error is None, error)


def _error(
    payload: object, telegram_id: object, currency: object, total_amount: object, now: datetime | None
) -> str | None:
    if not isinstance(payload, str) or len(payload) > MAX_PAYLOAD_BYTES or find_hostile_character(payload):
        return "unknown"
    legacy = read_legacy(payload)
    found = _offer(payload, now) if legacy is None else _legacy_offer(legacy)
    if found is None:
        return "unknown"
    if found["paid"]:
        return "paid"
    if found["expired"]:
        return "expired"
    if isinstance(telegram_id, bool) or telegram_id != found["buyer"]:
        return "other_payer"
    if currency != CURRENCY:
        return "currency"
    if isinstance(total_amount, bool) or total_amount != found["price"]:
        return "amount"
    return "closed" if found["closed"] else None


_SELLING_IS_OFF = Exists(Switch.objects.filter(name=SELLING, on=False))


def _offer(payload: str, now: datetime | None) -> Mapping[str, object] | None:
    moment = _CLOCK if now is None else Value(now, output_field=DateTimeField())
    return (
        Order.objects.filter(payload=payload)
        .values(
            buyer=F("user__telegram_id"),
            price=F("stars"),
            paid=Q(state=OrderState.PAID),
            expired=Q(expires_at__lte=moment),
            closed=_SELLING_IS_OFF | Q(user__blocked_at__isnull=False),
        )
        .first()
    )


def _legacy_offer(legacy: LegacyPayload) -> Mapping[str, object] | None:
    plan = PlanPrice.objects.filter(tier=legacy.tier, duration=legacy.duration)
    return (
        User.objects.filter(telegram_id=legacy.telegram_id)
        .values(
            buyer=F("telegram_id"),
            price=Subquery(plan.values("stars")[:1], output_field=IntegerField()),
            paid=Value(False),
            expired=Value(False),
            closed=_SELLING_IS_OFF | Q(blocked_at__isnull=False) | ~Exists(plan.filter(on_sale=True)),
        )
        .first()
    )
