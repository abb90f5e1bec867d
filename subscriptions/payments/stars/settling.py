"""Compares mirrored transactions with the payments, and mends what is missing, inside a transaction."""

from datetime import datetime, timedelta

from django.db import connection

from subscriptions.granting import database_now
from subscriptions.models import (
    ChargeKind,
    Notice,
    NoticeKind,
    Payment,
    PaymentStatus,
    StarDirection,
    StarSync,
    StarTransaction,
)
from subscriptions.payments import completing, refunding
from subscriptions.payments.judging import CURRENCY
from subscriptions.payments.payloads import read_legacy
from subscriptions.payments.received import read_notice
from subscriptions.payments.stars.reports import Difference, ReconcileReport

USER, INVOICE = "user", "invoice_payment"
# A payment of ours may be stored before Telegram lists it.
GRACE = timedelta(minutes=10)

_MISSING_THERE = """
SELECT telegram_payment_charge_id, received_amount FROM payments
WHERE received_at BETWEEN %(first)s AND %(last)s AND telegram_payment_charge_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM star_transactions WHERE direction = 'in'
        AND transaction_id = telegram_payment_charge_id)
ORDER BY received_at, id
"""
_AMOUNTS_DIFFER = """
SELECT transaction_id, star_transactions.amount, received_amount FROM star_transactions
JOIN payments ON telegram_payment_charge_id = transaction_id
WHERE direction = 'in' AND at BETWEEN %(first)s AND %(last)s
    AND star_transactions.amount IS DISTINCT FROM received_amount AND received_at IS NOT NULL
ORDER BY at, transaction_id
"""


def settle(row: StarTransaction, now: datetime | None = None) -> ReconcileReport:
    """Let the payments agree with one transaction; give what differed until now."""
    report = _incoming(row, now) if row.direction == StarDirection.IN else _outgoing(row, now)
    row.payment = Payment.objects.filter(telegram_payment_charge_id=row.transaction_id).first()
    row.settled_at = now or database_now()
    row.save(update_fields=["payment", "settled_at"])
    return report


def compare(first: datetime, last: datetime) -> ReconcileReport:
    """Compare all payments with the mirror, between the times of two transactions."""
    values = {"first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(_MISSING_THERE, {**values, "last": last - GRACE})
        missing = [Difference(*found) for found in cursor.fetchall()]
        cursor.execute(_AMOUNTS_DIFFER, values)
        differ = [Difference(charge, there, f"(here {here})") for charge, there, here in cursor.fetchall()]
    return ReconcileReport(missing_there=missing, amounts_differ=differ)


def _incoming(row: StarTransaction, now: datetime | None) -> ReconcileReport:
    if not _is_invoice(row):
        return ReconcileReport()
    if Payment.objects.filter(
        telegram_payment_charge_id=row.transaction_id, received_at__isnull=False
    ).exists():
        return ReconcileReport()
    sync, _made = StarSync.objects.get_or_create(id=1)
    if read_legacy(row.payload) and row.at < sync.since:
        return ReconcileReport(before_us=1)
    received = read_notice(
        telegram_id=row.partner_telegram_id,
        payload=row.payload,
        currency=CURRENCY,
        total_amount=row.amount,
        charge_id=row.transaction_id,
        kind=ChargeKind.RECURRING if row.subscription_seconds else ChargeKind.ONCE,
    )
    outcome = completing.record(received, now)
    if outcome.kind == "repeated":
        return ReconcileReport()
    if outcome.kind == "granted":
        _tell(outcome.payment)
    return ReconcileReport(recovered=[Difference(row.transaction_id, row.amount, f"({outcome.kind})")])


def _outgoing(row: StarTransaction, now: datetime | None) -> ReconcileReport:
    """A refund has the id of its charge. Withdrawals, ads and gifts have ids of their own."""
    known = Payment.objects.filter(telegram_payment_charge_id=row.transaction_id).first()
    charged = StarTransaction.objects.filter(transaction_id=row.transaction_id, direction=StarDirection.IN)
    ours = known is not None or _is_invoice(row)
    if not ours or (known is not None and known.status == PaymentStatus.REFUNDED):
        return ReconcileReport()
    # A charge that was settled without a payment was none of ours; its payload may be forgotten by now.
    if known is None and charged.filter(settled_at__isnull=False).exists():
        return ReconcileReport(before_us=1)
    refunding.refunded(row.transaction_id, now)
    return ReconcileReport(refunded_there=[Difference(row.transaction_id, row.amount)])


def _is_invoice(row: StarTransaction) -> bool:
    """Say whether a user paid an invoice of ours, or was given that money back."""
    if row.partner_type != USER:
        return False
    return row.transaction_type == INVOICE or (row.transaction_type == "" and row.payload != "")


def _tell(payment: Payment) -> None:
    """Write to the buyer: the bot's handler, which would have answered him, has failed."""
    if payment.user_id:
        data = {"tier": payment.tier, "days": payment.days}
        Notice.objects.create(
            user_id=payment.user_id, kind=NoticeKind.PAYMENT_RESOLVED, subject=str(payment.pk), data=data
        )
