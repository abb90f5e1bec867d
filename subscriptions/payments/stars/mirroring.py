"""Stores entries of Telegram's list as they are. Runs inside a transaction."""

from collections.abc import Sequence

from subscriptions.models import StarTransaction
from subscriptions.models.payments import MAX_RECEIVED_LENGTH
from subscriptions.payments.received import plain_text, stored_charge_id
from subscriptions.payments.stars.reading import Entry

_TYPE_LENGTH = 64


def mirror(entries: Sequence[Entry]) -> tuple[list[StarTransaction], int]:
    """Store what is not there yet; give the rows of all entries, oldest first, and how many are new."""
    rows = {(row.transaction_id, row.direction): row for row in map(_row, entries)}
    known = _stored(list(rows))
    new = [row for key, row in rows.items() if key not in known]
    StarTransaction.objects.bulk_create(new, ignore_conflicts=True)
    stored = _stored(list(rows))
    return sorted(stored.values(), key=lambda row: (row.at, row.direction, row.transaction_id)), len(new)


def _stored(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], StarTransaction]:
    rows = StarTransaction.objects.filter(transaction_id__in={key[0] for key in keys})
    wanted = set(keys)
    found = {(row.transaction_id, row.direction): row for row in rows}
    return {key: row for key, row in found.items() if key in wanted}


def _row(entry: Entry) -> StarTransaction:
    return StarTransaction(
        transaction_id=stored_charge_id(entry.transaction_id),
        direction=entry.direction,
        amount=entry.amount,
        nanostar_amount=entry.nanostars,
        at=entry.at,
        partner_type=plain_text(entry.partner_type, _TYPE_LENGTH),
        partner_telegram_id=entry.partner_telegram_id,
        transaction_type=plain_text(entry.transaction_type, _TYPE_LENGTH),
        payload=plain_text(entry.payload, MAX_RECEIVED_LENGTH),
        subscription_seconds=entry.subscription_seconds,
    )
