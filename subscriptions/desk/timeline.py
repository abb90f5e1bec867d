"""A payment from its order to its refund, as steps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from faceitbot.core.display import EMPTY, digits, stars
from subscriptions.desk.sentences import about_use, in_words, on, what, who
from subscriptions.models import Payment, PaymentStatus
from subscriptions.payments.judging import CURRENCY
from subscriptions.payments.payloads import read_legacy
from subscriptions.rules import GrantUse


class StepState(StrEnum):
    """How a step stands; the template gives each its look."""

    DONE = "done"
    WAITS = "waits"
    WRONG = "wrong"
    NONE = "none"


@dataclass(frozen=True)
class Step:
    """One step; `at` is None as long as it has not happened."""

    title: str
    icon: str
    state: StepState
    text: str
    at: datetime | None = None


def timeline(payment: Payment, use: GrantUse | None) -> list[Step]:
    """Give order, check, money, access and refund, each with what is known of it."""
    return [_order(payment), _money(payment), _check(payment), _access(payment, use), _refund(payment)]


def _order(payment: Payment) -> Step:
    title, icon = _("Order"), "receipt_long"
    order = payment.order
    if order is not None:
        return Step(title, icon, StepState.DONE, in_words(order), order.created_at)
    if read_legacy(payment.received_payload):
        return Step(title, icon, StepState.DONE, _("An invoice of the old bot."))
    return Step(title, icon, StepState.WRONG, _("No order has this payload."))


def _money(payment: Payment) -> Step:
    title, icon = _("Money"), "payments"
    if payment.telegram_payment_charge_id is None:
        failed = payment.status == PaymentStatus.FAILED
        text = payment.error if failed else _("None has come.")
        return Step(title, icon, StepState.WRONG if failed else StepState.WAITS, text)
    if payment.received_at is None and payment.received_amount is None:
        return Step(title, icon, StepState.WRONG, _("Only its refund was heard of."))
    amount = stars(payment.received_amount)
    if payment.received_currency != CURRENCY:
        amount = f"{digits(payment.received_amount or 0)} {payment.received_currency or EMPTY}"
    text = _("%(amount)s from %(payer)s") % {"amount": amount, "payer": who(None, payment.payer_telegram_id)}
    return Step(title, icon, StepState.DONE, text, payment.received_at or payment.created_at)


def _check(payment: Payment) -> Step:
    title, icon = _("Check"), "fact_check"
    if payment.review_reason:
        decided = payment.completed_at or payment.refunded_at or payment.refund_requested_at
        state = StepState.DONE if decided else StepState.WRONG
        reason = payment.get_review_reason_display()
        text = _("%(reason)s; staff have decided") % {"reason": reason} if decided else reason
        return Step(title, icon, state, text)
    if payment.completed_at:
        text = _("Payer, currency and amount are those of the order.")
        return Step(title, icon, StepState.DONE, text, payment.completed_at)
    return Step(title, icon, StepState.NONE, _("When the money is here."))


def _access(payment: Payment, use: GrantUse | None) -> Step:
    title, icon = _("Access"), "workspace_premium"
    if payment.completed_at is None or payment.tier is None:
        return Step(title, icon, StepState.NONE, _("None was given."))
    sold = what(payment.tier, payment.days or 0)
    if use is None:
        return Step(title, icon, StepState.WRONG, _("%(what)s, but no grant is there.") % {"what": sold})
    return Step(title, icon, StepState.DONE, f"{sold}. {about_use(use)}", payment.completed_at)


def _refund(payment: Payment) -> Step:
    title, icon = _("Refund"), "undo"
    if payment.status == PaymentStatus.REFUNDED:
        return Step(title, icon, StepState.DONE, _("Telegram has given the money back."), payment.refunded_at)
    if payment.status == PaymentStatus.REFUND_PENDING:
        text = _("Asked for on %(date)s, tried %(n)s times.") % {
            "date": on(payment.refund_requested_at),
            "n": digits(payment.refund_attempts),
        }
        if payment.error:
            text = f"{text} {payment.error}"
        return Step(title, icon, StepState.WAITS, text, payment.refund_requested_at)
    return Step(title, icon, StepState.NONE, _("None was asked for."))
