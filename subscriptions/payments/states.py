"""What may become of a payment. The database enforces the same list (`subscriptions.triggers`)."""

from subscriptions.errors import PaymentStateError
from subscriptions.models import Payment, PaymentStatus

TRANSITIONS: dict[str, frozenset[str]] = {
    "pending": frozenset({"completed", "failed", "needs_review"}),
    "failed": frozenset({"completed"}),
    "completed": frozenset({"refund_pending", "refunded"}),
    "needs_review": frozenset({"completed", "refund_pending", "refunded"}),
    "refund_pending": frozenset({"refunded", "completed", "needs_review"}),
    "refunded": frozenset(),
}


def move(payment: Payment, status: PaymentStatus) -> None:
    """Set the status of a locked payment; the caller saves it. Errors: `PaymentStateError`."""
    if status not in TRANSITIONS[payment.status]:
        raise PaymentStateError(
            f"a payment that is {payment.status} cannot become {status}",
            id=str(payment.pk),
            status=payment.status,
        )
    payment.status = status
