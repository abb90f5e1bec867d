"""Money that goes back, and complaints."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser

from faceitbot.core import audit, clock
from faceitbot.core.ids import row_id
from faceitbot.core.repository import MAX_LIMIT, page
from faceitbot.core.transactions import query, transactional
from faceitbot.core.values import whole
from subscriptions.granting import database_now
from subscriptions.models import Payment, PaymentCase
from subscriptions.payments import casework, refunding
from subscriptions.payments.refunding import RefundToSubmit
from subscriptions.repositories.noticing import MAX_LEASE_SECONDS


class RefundMethods:
    """Refunds are asked for by staff, submitted by one process of the bot, and confirmed by Telegram."""

    @transactional()
    def request_refund(
        self, payment_id: UUID, *, actor: AbstractBaseUser, reason: str, now: datetime | None = None
    ) -> Payment:
        """Have a completed payment, or one in review, given back; its access ends when the money is back.

        Errors: `PaymentNotFound`, `PaymentStateError`; `Refused` with the reason payer_forgotten.
        """
        return refunding.ask(
            row_id(payment_id, "payment_id"), actor, audit.clean_reason(reason), clock.aware_or_none(now)
        )

    @transactional()
    def cancel_refund(self, payment_id: UUID, *, actor: AbstractBaseUser, reason: str) -> Payment:
        """Take a request back, as long as no process of the bot has claimed it.

        Errors: `PaymentNotFound`, `PaymentStateError`.
        """
        return refunding.cancel(row_id(payment_id, "payment_id"), actor, audit.clean_reason(reason))

    @transactional()
    def get_refunds_to_submit(
        self, limit: int = 20, lease_seconds: int = 60, now: datetime | None = None
    ) -> list[RefundToSubmit]:
        """Claim refunds for `refundStarPayment`, oldest first; nobody else is given them within the lease."""
        most = whole("limit", limit, 1, MAX_LIMIT)
        lease = whole("lease_seconds", lease_seconds, 1, MAX_LEASE_SECONDS)
        return refunding.claim(most, lease, clock.aware_or_none(now) or database_now())

    @transactional()
    def mark_refunded(self, charge_id: str, now: datetime | None = None) -> Payment:
        """Remember that the money of a charge went back: its grant is revoked, its user told.

        Again is the same. An unknown charge is remembered: its payment, when it comes, grants nothing.
        Errors: `InvalidInput` for an empty charge id.
        """
        return refunding.refunded(charge_id, clock.aware_or_none(now))

    @transactional()
    def mark_refund_failed(self, payment_id: UUID, error: str, now: datetime | None = None) -> Payment:
        """Have a refund tried again later; CHARGE_ALREADY_REFUNDED in the error means that it is done.

        Errors: `PaymentNotFound`, `PaymentStateError`.
        """
        return refunding.failed(row_id(payment_id, "payment_id"), str(error), clock.aware_or_none(now))


class CaseMethods:
    """Complaints with /paysupport."""

    @transactional()
    def open_payment_case(
        self,
        user_id: UUID,
        text: str,
        charge_id: str | None = None,
        now: datetime | None = None,
        actor: AbstractBaseUser | None = None,
    ) -> PaymentCase:
        """Open a user's case, or add to his open one; give it with `last_payments`.

        With an actor, who writes down what a user has told him, there is an audit entry; without one, only
        where a charge id gives way to another.

        Errors: `UserNotFound`.
        """
        return casework.open_case(
            row_id(user_id, "user_id"), str(text), str(charge_id or ""), clock.aware_or_none(now), actor
        )

    @transactional()
    def propose_refund(self, payment_id: UUID, *, actor: AbstractBaseUser, reason: str) -> PaymentCase:
        """Ask for a refund in a case of the buyer, on behalf of staff who may not give money back.

        Errors: `PaymentNotFound`, `PaymentStateError`; `Refused` with the reason buyer_unknown.
        """
        return casework.propose_refund(row_id(payment_id, "payment_id"), actor, audit.clean_reason(reason))

    @query
    def get_open_cases(self, skip: int = 0, limit: int = 100) -> Sequence[PaymentCase]:
        """Give the open cases, the longest waiting first, with their users and `last_payments`."""
        rows = PaymentCase.objects.filter(closed_at__isnull=True).select_related("user")
        return casework.with_payments(list(rows.order_by("created_at", "pk")[page(skip, limit)]))

    @transactional()
    def close_payment_case(
        self, case_id: UUID, *, actor: AbstractBaseUser, reason: str, now: datetime | None = None
    ) -> PaymentCase:
        """Close a case, saying how it ended, with an audit entry. Errors: `NotFound`, `CaseClosed`."""
        return casework.close_case(
            row_id(case_id, "case_id"), actor, audit.clean_reason(reason), clock.aware_or_none(now)
        )
