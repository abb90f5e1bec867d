"""Telegram's list of Stars, as it would be if the simulated payments had been real."""

import asyncio
from collections.abc import Mapping
from itertools import chain
from typing import Any

from django.db.models import F

from faceitbot.core import atomically
from faceitbot.simulation.events import FIRST_ID, LAST_ID
from subscriptions.models import Payment
from subscriptions.repositories import PaymentRepository

PERIOD_SECONDS = 2_592_000  # Source: Telegram Bot API, createInvoiceLink: subscriptions are of 30 days
_SIMULATED = Payment.objects.filter(user__telegram_id__range=(FIRST_ID, LAST_ID))
_money = PaymentRepository()


def read_list() -> None:
    """Let the bot read Telegram's list on, as it does every few minutes.

    Errors: those of `sync_star_transactions`. Concurrency: outside of a transaction.
    """
    # The list is awaited, as a bot does: a loop of its own, for nothing of ours is locked meanwhile.
    with asyncio.Runner() as loop:
        loop.run(_money.sync_star_transactions(_fetch))


async def _fetch(offset: int, limit: int) -> list[dict[str, Any]]:
    return await atomically(_transactions, offset, limit)


def _transactions(offset: int, limit: int) -> list[dict[str, Any]]:
    """Give a part of the list, oldest first: what came, and with the same id what went back."""
    named = {
        "charge": F("telegram_payment_charge_id"),
        "telegram_id": F("user__telegram_id"),
        "recurring": F("order__recurring"),
        "payload": F("order__payload"),
    }
    came = _SIMULATED.filter(completed_at__isnull=False).annotate(**named)
    went = _SIMULATED.filter(refunded_at__isnull=False).annotate(**named)
    found = chain(
        (("source", row) for row in came.values("amount", *named, at=F("completed_at"))),
        (("receiver", row) for row in went.values("amount", *named, at=F("refunded_at"))),
    )
    ordered = sorted(found, key=lambda each: (each[1]["at"], each[1]["charge"], each[0] == "receiver"))
    return [_transaction(side, row) for side, row in ordered[offset : offset + limit]]


def _transaction(side: str, row: Mapping[str, Any]) -> dict[str, Any]:
    partner: dict[str, Any] = {
        "type": "user",
        "user": {"id": row["telegram_id"]},
        "transaction_type": "invoice_payment",
        "invoice_payload": row["payload"],
    }
    if row["recurring"]:
        partner["subscription_period"] = PERIOD_SECONDS
    return {"id": row["charge"], "amount": row["amount"], "date": int(row["at"].timestamp()), side: partner}
