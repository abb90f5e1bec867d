"""Reads pages of `getStarTransactions`, as a library's objects or as JSON.

Source: Telegram Bot API, StarTransactions, StarTransaction, TransactionPartner.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from faceitbot.core.errors import InvalidInput
from subscriptions.models import StarDirection
from subscriptions.payments.received import stored_charge_id

_TOO_LARGE = 2**63
_LATEST = 253_402_300_799  # 9999-12-31, in seconds since 1970


class _User(msgspec.Struct):
    id: int


class _Partner(msgspec.Struct):
    type: str
    user: _User | None = None
    transaction_type: str | None = None
    invoice_payload: str | None = None
    subscription_period: int | None = None


class _Transaction(msgspec.Struct):
    id: str
    amount: int
    date: int
    nanostar_amount: int | None = None
    source: _Partner | None = None
    receiver: _Partner | None = None


@dataclass(frozen=True)
class Entry:
    """One transaction. Units: whole Stars and billionths of one, seconds of a subscription's period."""

    transaction_id: str
    direction: str
    amount: int
    nanostars: int
    at: datetime
    partner_type: str
    partner_telegram_id: int | None
    transaction_type: str
    payload: str
    subscription_seconds: int | None


@dataclass(frozen=True)
class Page:
    """What one call gave: the entries, and why each other transaction could not be read."""

    entries: Sequence[Entry]
    unreadable: Sequence[str]
    length: int
    # The id of the last transaction, "" when that one cannot be read.
    last_id: str = ""


def read_page(page: object, name: str = "transactions") -> Page:
    """Read one page: a library's StarTransactions, Telegram's answer as a mapping, or a plain list.

    One transaction that cannot be read does not hide the others. Errors: `InvalidInput` for no page at all.
    """
    entries, unreadable = [], []
    items, last_id = _items(page, name), ""
    for place, item in enumerate(items):
        try:
            entries.append(_entry(msgspec.convert(item, _Transaction, strict=True)))
            last_id = stored_charge_id(entries[-1].transaction_id)
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            unreadable.append(f"{name}[{place}]: {error}")
            last_id = ""
    return Page(entries, unreadable, len(items), last_id)


def read_dump(text: bytes, name: str) -> Page:
    """Read a file of JSON that holds one page or several. Errors: `InvalidInput` that names the place."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{name} is not JSON: {error}", field=name) from error
    pages = content if isinstance(content, list) and content and _is_page(content[0]) else [content]
    found = [read_page(page, name) for page in pages]
    return Page(
        [entry for page in found for entry in page.entries],
        [reason for page in found for reason in page.unreadable],
        sum(page.length for page in found),
    )


def _items(page: object, name: str) -> list[Any]:
    dump = getattr(page, "model_dump", None)
    plain = dump(mode="json") if callable(dump) else page
    if isinstance(plain, Mapping) and isinstance(plain.get("result"), Mapping):
        plain = plain["result"]
    items = plain.get("transactions") if isinstance(plain, Mapping) else plain
    if not isinstance(items, list):
        raise InvalidInput(f"{name} holds no list of transactions", field=name)
    return items


def _is_page(item: object) -> bool:
    if isinstance(item, Mapping):
        return "transactions" in item or "result" in item
    return isinstance(item, list)


def _entry(found: _Transaction) -> Entry:
    partner = found.source or found.receiver
    if not 0 <= found.date <= _LATEST:
        raise ValueError(f"date {found.date} lies outside of the calendar")
    if not found.id:
        raise ValueError("it has no id")
    for name, number in (
        ("amount", found.amount),
        ("nanostar_amount", found.nanostar_amount),
        ("user.id", partner.user.id if partner and partner.user else None),
        ("subscription_period", partner.subscription_period if partner else None),
    ):
        if number is not None and abs(number) >= _TOO_LARGE:
            raise ValueError(f"{name} {number} is no number of this world")
    return Entry(
        transaction_id=found.id,
        direction=StarDirection.IN if found.source else StarDirection.OUT,
        amount=found.amount,
        nanostars=found.nanostar_amount or 0,
        at=datetime.fromtimestamp(found.date, UTC),
        partner_type=partner.type if partner else "",
        partner_telegram_id=partner.user.id if partner and partner.user else None,
        transaction_type=(partner.transaction_type or "") if partner else "",
        payload=(partner.invoice_payload or "") if partner else "",
        subscription_seconds=partner.subscription_period if partner else None,
    )
