"""A notice of money as it came: everything is kept, whatever it looks like."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import structlog

from faceitbot.core.errors import InvalidInput
from faceitbot.core.text import find_hostile_character
from subscriptions.models import ChargeKind
from subscriptions.models.payments import (
    MAX_CHARGE_ID_LENGTH,
    MAX_CURRENCY_LENGTH,
    MAX_ODD_LENGTH,
    MAX_RECEIVED_LENGTH,
)

_BIGGEST = 2**63 - 1  # BIGINT
_SHOWN_BEFORE_THE_HASH = 180
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Received:
    """What a notice says, in forms that can be stored. `odd` holds, as JSON, what could not be read."""

    charge_id: str
    payload: str
    currency: str
    amount: int | None
    payer: int | None
    provider_charge_id: str = ""
    kind: str = ChargeKind.ONCE
    odd: str = ""
    columns: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        columns = {
            "provider_payment_charge_id": self.provider_charge_id,
            "charge_kind": self.kind,
            "payer_telegram_id": self.payer,
            "received_amount": self.amount,
            "received_currency": self.currency,
            "received_payload": self.payload,
            "received_odd": self.odd,
        }
        object.__setattr__(self, "columns", columns)


def read_notice(
    *,
    telegram_id: object,
    payload: object,
    currency: object,
    total_amount: object,
    charge_id: object,
    provider_charge_id: object = "",
    kind: str = ChargeKind.ONCE,
    **besides: object,
) -> Received:
    """Read a notice of money, and refuse nothing but one that names no charge.

    Errors: `InvalidInput` for an empty charge id, after the whole notice went to the log: without the id
    nobody can tell this money from other money.
    """
    given = {
        "telegram_id": telegram_id,
        "payload": payload,
        "currency": currency,
        "total_amount": total_amount,
        "charge_id": charge_id,
        "provider_charge_id": provider_charge_id,
        **besides,
    }
    if charge_id is None or charge_id == "":
        log.error("payment.without_charge_id", notice={name: repr(value) for name, value in given.items()})
        raise InvalidInput("the notice of a payment has no charge id", field="telegram_payment_charge_id")
    payer, amount = _number(telegram_id), _number(total_amount)
    texts = {
        "payload": plain_text(payload, MAX_RECEIVED_LENGTH),
        "currency": plain_text(currency, MAX_CURRENCY_LENGTH),
        "provider_charge_id": plain_text(provider_charge_id or "", MAX_CHARGE_ID_LENGTH),
        "charge_id": stored_charge_id(charge_id),
    }
    odd = {name: given[name] for name, text in texts.items() if text != (given[name] or "")}
    if amount is None:
        odd["total_amount"] = total_amount
    if payer is None:
        odd["telegram_id"] = telegram_id
    return Received(
        texts["charge_id"],
        texts["payload"],
        texts["currency"],
        amount,
        payer,
        texts["provider_charge_id"],
        kind,
        _as_json(odd),
    )


def stored_charge_id(charge_id: object) -> str:
    """Give the form in which a charge id is stored: as it is, unless PostgreSQL could not hold that.

    What cannot be stored is replaced and marked with a hash of the whole, so that two stay two.
    """
    text = charge_id if isinstance(charge_id, str) else repr(charge_id)
    cleaned = plain_text(text, MAX_CHARGE_ID_LENGTH)
    if cleaned == text and isinstance(charge_id, str):
        return cleaned
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{cleaned[:_SHOWN_BEFORE_THE_HASH]}#{digest}"


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -_BIGGEST <= value <= _BIGGEST else None


def plain_text(value: object, length: int) -> str:
    """Give a text that can be stored: cut, with a sign in place of what no stored text may hold."""
    text = value if isinstance(value, str) else repr(value)
    return "".join("\ufffd" if find_hostile_character(letter) else letter for letter in text[:length])


def _as_json(odd: dict[str, object]) -> str:
    return json.dumps(odd, default=repr, sort_keys=True)[:MAX_ODD_LENGTH] if odd else ""
