"""Whether money buys what it came for. Pure: values in, a verdict out."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from subscriptions.models import ChargeKind, ReviewReason
from subscriptions.payments.received import Received

CURRENCY = "XTR"


class Verdict(Enum):
    """What honest money does."""

    BUYS = "buys"
    RENEWS = "renews"


@dataclass(frozen=True)
class Offer:
    """What is known here of what the money came for. `charged` tells the kinds of the charges so far."""

    buyer_telegram_id: int | None
    stars: int
    recurring: bool
    charged: Collection[str] = ()


def judge(offer: Offer, received: Received) -> Verdict | ReviewReason:
    """Say what the money does, or why a person must look at it. When it came does not matter."""
    if received.odd:
        return ReviewReason.UNREADABLE
    if received.currency != CURRENCY:
        return ReviewReason.CURRENCY
    if received.payer != offer.buyer_telegram_id:
        return ReviewReason.OTHER_PAYER
    if received.amount != offer.stars:
        return ReviewReason.AMOUNT
    if not offer.charged:
        return Verdict.BUYS
    return Verdict.RENEWS if _renews(offer, received) else ReviewReason.ALREADY_PAID


def _renews(offer: Offer, received: Received) -> bool:
    """Say whether a further charge is one more period. Updates are unordered: the first may come last."""
    if not offer.recurring or received.kind == ChargeKind.ONCE:
        return False
    return received.kind != ChargeKind.FIRST or ChargeKind.FIRST not in offer.charged
