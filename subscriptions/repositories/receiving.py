"""Money that comes in."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser

from faceitbot.core import audit, clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import row_id
from faceitbot.core.ids import telegram_id as checked_telegram_id
from faceitbot.core.repository import page
from faceitbot.core.text import remove_hostile_characters
from faceitbot.core.transactions import query, transactional
from subscriptions.errors import PaymentNotFound, PaymentStateError
from subscriptions.models import (
    ChargeKind,
    Payment,
    PaymentStatus,
    RenewalState,
    UserSubscription,
)
from subscriptions.models.payments import MAX_ERROR_LENGTH
from subscriptions.payments import completing, refunding, renewing, reviewing
from subscriptions.payments.completing import PaymentOutcome
from subscriptions.payments.judging import CURRENCY
from subscriptions.payments.ordering import plan_of
from subscriptions.payments.received import Received, read_notice
from subscriptions.payments.states import move

_STATES = (RenewalState.ACTIVE, RenewalState.CANCELED, RenewalState.FAILED)


class ReceivingMethods:
    """Money is stored whatever it looks like, and grants once what it honestly pays for."""

    @transactional()
    def record_successful_payment(
        self,
        telegram_id: int,
        payload: str,
        currency: str,
        total_amount: int,
        telegram_payment_charge_id: str,
        provider_payment_charge_id: str = "",
        *,
        is_recurring: bool = False,
        is_first_recurring: bool = False,
        subscription_expires_at: datetime | None = None,
        now: datetime | None = None,
    ) -> PaymentOutcome:
        """Record a `successful_payment`: payment, grant and all that goes with them, exactly once.

        Any number of calls with one charge id, in any order with others and from any number of processes,
        make one payment and one grant. What does not fit is stored for review; nothing is ever dropped.
        `subscription_expires_at` is Telegram's opinion; what was paid for decides.
        Errors: `InvalidInput` for an empty charge id alone.
        """
        kind = ChargeKind.ONCE
        if is_first_recurring or is_recurring:
            kind = ChargeKind.FIRST if is_first_recurring else ChargeKind.RENEWAL
        received = read_notice(
            telegram_id=telegram_id,
            payload=payload,
            currency=currency,
            total_amount=total_amount,
            charge_id=telegram_payment_charge_id,
            provider_charge_id=provider_payment_charge_id,
            kind=kind,
        )
        return completing.record(received, clock.aware_or_none(now))

    @query
    def complete_payment(
        self,
        payment_id: UUID,
        telegram_payment_charge_id: str,
        provider_payment_charge_id: str | None = None,
        now: datetime | None = None,
    ) -> Payment | None:
        """Complete a payment that was expected, as if its buyer had paid its price; None for an unknown one.

        The same charge again gives the same payment. Another charge is stored for review, and raises.
        Errors: `PaymentStateError`; `InvalidInput` for an empty charge id.
        """
        key = row_id(payment_id, "payment_id")
        expected = Payment.objects.select_related("order", "user").filter(pk=key).first()
        if expected is None:
            return None
        received = read_notice(
            telegram_id=expected.user.telegram_id if expected.user else None,
            payload=expected.payload,
            currency=CURRENCY,
            total_amount=expected.amount,
            charge_id=telegram_payment_charge_id,
            provider_charge_id=provider_payment_charge_id,
        )
        # A transaction of its own, so that money for review stays stored when this raises.
        payment = self._record.blocking(received, clock.aware_or_none(now)).payment
        if payment.pk != key:
            raise PaymentStateError(
                f"this charge does not complete the payment, which is {expected.status}",
                id=str(key),
                status=expected.status,
            )
        return payment

    @transactional()
    def _record(self, received: Received, now: datetime | None) -> PaymentOutcome:
        return completing.record(received, now)

    @transactional()
    def fail_payment(self, payment_id: UUID, error_message: str) -> Payment | None:
        """Give up a payment that was expected; None for an unknown one. Money that comes late completes it.

        Errors: `PaymentStateError` unless it is pending, or has failed before.
        """
        try:
            payment = refunding.locked_payment(row_id(payment_id, "payment_id"))
        except PaymentNotFound:
            return None
        if payment.status != PaymentStatus.FAILED:
            move(payment, PaymentStatus.FAILED)
            payment.error = remove_hostile_characters(str(error_message))[:MAX_ERROR_LENGTH]
            payment.save(update_fields=["status", "error"])
        return payment

    @transactional()
    def record_subscription_state(
        self, telegram_id: int, payload: str, state: str, now: datetime | None = None
    ) -> UserSubscription | None:
        """Note what Telegram says of a subscription: active, canceled or failed; access stays as paid.

        None when the payload belongs to no subscription of this user. A failed renewal is told him once.
        Errors: `InvalidInput` for another state.
        """
        if state not in _STATES:
            raise InvalidInput(f"state must be one of {', '.join(_STATES)}, not {state!r}", field="state")
        payer = checked_telegram_id(telegram_id, "telegram_id")
        return renewing.note_state(payer, str(payload), RenewalState(state), clock.aware_or_none(now))

    # ---- Staff

    @query
    def get_payments_to_review(self, skip: int = 0, limit: int = 100) -> list[Payment]:
        """Give the payments in review, the longest waiting first, with their users and orders."""
        rows = Payment.objects.filter(status=PaymentStatus.NEEDS_REVIEW).select_related("user", "order")
        return list(rows.order_by("created_at", "pk")[page(skip, limit)])

    @transactional()
    def resolve_review(
        self,
        payment_id: UUID,
        *,
        actor: AbstractBaseUser,
        reason: str,
        grant_to: UUID | None = None,
        refund: bool = False,
        tier: str | None = None,
        duration: str = "monthly",
        order: UUID | None = None,
        now: datetime | None = None,
    ) -> Payment:
        """Settle money in review: let it buy its order for a user, or give it back; he is told.

        Where it came without an order, `order` is the one of this user that it pays, at whatever price, or
        `tier` and `duration` say what it buys.
        Errors: `InvalidInput` for both or neither; `PaymentNotFound`, `PaymentStateError`, `UserNotFound`,
        `NotFound`; `Refused` with the reason not_stars, no_plan or payer_forgotten.
        """
        key, why = row_id(payment_id, "payment_id"), audit.clean_reason(reason)
        if refund == (grant_to is not None):
            raise InvalidInput("say to whom it grants access, or that it is given back", field="grant_to")
        if order is not None and (refund or tier is not None):
            raise InvalidInput("an order says itself what the money buys", field="order")
        payment = Payment.objects.filter(pk=key).first()
        if payment is None:
            raise PaymentNotFound("there is no such payment", id=str(key))
        if payment.status != PaymentStatus.NEEDS_REVIEW:
            raise PaymentStateError(
                f"a payment that is {payment.status} is not in review", id=str(key), status=payment.status
            )
        if refund:
            only = PaymentStatus.NEEDS_REVIEW
            return refunding.ask(key, actor, why, clock.aware_or_none(now), only=only)
        plan = None if tier is None else plan_of(tier, duration)
        return reviewing.grant_reviewed(
            payment,
            row_id(grant_to, "grant_to"),
            plan,
            actor,
            why,
            clock.aware_or_none(now),
            chosen=None if order is None else row_id(order, "order"),
        )
