"""The repository of payments, put together from its parts."""

from uuid import UUID

from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import row_id
from faceitbot.core.ledger import LedgerRepository
from faceitbot.core.repository import MAX_LIMIT
from faceitbot.core.transactions import query
from faceitbot.core.values import whole
from subscriptions.models import Payment, PaymentStatus
from subscriptions.payments.received import stored_charge_id
from subscriptions.repositories.receiving import ReceivingMethods
from subscriptions.repositories.reconciling import ReconcileMethods
from subscriptions.repositories.refunding import CaseMethods, RefundMethods
from subscriptions.repositories.reporting import ReportMethods
from subscriptions.repositories.revenue import RevenueMethods
from subscriptions.repositories.selling import SellingMethods


class PaymentRepository(
    SellingMethods,
    ReceivingMethods,
    RefundMethods,
    CaseMethods,
    ReconcileMethods,
    RevenueMethods,
    ReportMethods,
    LedgerRepository[Payment],
):
    """Orders, money, refunds and complaints; `user_id` is our UUID. Nothing here is ever cached."""

    model = Payment
    fields = frozenset(field.attname for field in Payment._meta.concrete_fields)
    relationships = frozenset({"user", "order", "grant", "star_transactions"})

    @query
    def get_user_payments(self, user_id: UUID, limit: int = 20, status: str | None = None) -> list[Payment]:
        """Give a user's payments, newest first, with their orders."""
        if status is not None and status not in PaymentStatus.values:
            raise InvalidInput(
                f"status must be one of {', '.join(PaymentStatus.values)}, not {status!r}", field="status"
            )
        rows = Payment.objects.filter(user_id=row_id(user_id, "user_id")).select_related("order")
        if status is not None:
            rows = rows.filter(status=status)
        return list(rows.order_by("-created_at", "pk")[: whole("limit", limit, 1, MAX_LIMIT)])

    @query
    def get_by_charge_id(self, charge_id: str) -> Payment | None:
        """Give the payment of a charge of Telegram's, with its order and user; None for an unknown one."""
        charge = stored_charge_id(charge_id)
        return (
            Payment.objects.select_related("order", "user").filter(telegram_payment_charge_id=charge).first()
        )
