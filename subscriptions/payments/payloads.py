"""Payloads: the text in an invoice that leads from the money back to what was sold."""

import re
import uuid
from typing import NamedTuple

from faceitbot.core.ids import TELEGRAM_ID_MAX
from subscriptions.models import PlanDuration, SubscriptionTier

# The predecessor's invoices, which may still be open in somebody's chat: premium_monthly_123456789.
_LEGACY = re.compile(
    rf"({'|'.join(SubscriptionTier.paid())})_({'|'.join(PlanDuration.values)})_([1-9][0-9]{{0,15}})", re.ASCII
)


class LegacyPayload(NamedTuple):
    """What the predecessor wrote into its invoices."""

    tier: str
    duration: str
    telegram_id: int


def new_payload() -> str:
    """Give a payload that leads to one order alone."""
    return f"pay:{uuid.uuid4()}"


def legacy_payloads(telegram_id: int) -> list[str]:
    """Give all payloads of the predecessor that name this buyer."""
    return [
        f"{tier}_{duration}_{telegram_id}"
        for tier in SubscriptionTier.paid()
        for duration in PlanDuration.values
    ]


def read_legacy(payload: str) -> LegacyPayload | None:
    """Give what a payload of the predecessor says; None for any other one."""
    found = _LEGACY.fullmatch(payload)
    if found is None or int(found[3]) > TELEGRAM_ID_MAX:
        return None
    return LegacyPayload(found[1], found[2], int(found[3]))
