"""What the page of a payment tells above its columns."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from faceitbot.core import clock
from faceitbot.core.display import EMPTY, copyable, moment, stars
from subscriptions.admin.pages import may
from subscriptions.desk.sentences import about_payment, about_reading, in_words, who
from subscriptions.desk.similar import orders_of_others, similar_orders
from subscriptions.desk.timeline import timeline
from subscriptions.models import Order, OrderState, Payment, PaymentStatus, StarTransaction
from subscriptions.payments.casework import REFUNDABLE
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from subscriptions.rules import GrantUse
from users.models import User

Facts = list[tuple[str, Any]]


def payment_context(request: HttpRequest, payment: Payment) -> dict[str, Any]:
    """Give the sentence, the steps, the two people, Telegram's view, and what else it may belong to."""
    use = _use(payment)
    page: Any = admin.site.get_model_admin(StarTransaction)
    return {
        "sentence": about_payment(payment, use),
        "needs_person": payment.status in (PaymentStatus.NEEDS_REVIEW, PaymentStatus.REFUND_PENDING),
        "timeline": timeline(payment, use),
        "people": _people(payment),
        "mirror": _mirror(payment),
        "reconcile_url": reverse("admin:subscriptions_startransaction_reconcile")
        if page.has_reconcile_permission(request)
        else "",
        "refund_withheld": _refund_withheld(request, payment),
        "similar": _similar(request, payment) if payment.status == PaymentStatus.NEEDS_REVIEW else None,
    }


def _refund_withheld(request: HttpRequest, payment: Payment) -> str:
    """Say why the reader may not give the money back, where somebody might; "" elsewhere."""
    if payment.status not in REFUNDABLE or may(request, "subscriptions.refund_payment"):
        return ""
    return _("Only finance gives money back. Propose it, and finance is asked.")


def _use(payment: Payment) -> GrantUse | None:
    grant = getattr(payment, "grant", None)
    if grant is None:
        return None
    uses = SubscriptionRepository().explain_access.blocking(grant.user_id, now=clock.now())
    return next((use for each, use in uses if each.pk == grant.pk), None)


def _people(payment: Payment) -> Facts:
    buyer = payment.order.user if payment.order else payment.user
    payer = payment.payer_telegram_id
    if payer is None:
        same = _("forgotten by now, or never known")
    elif buyer and buyer.telegram_id == payer:
        same = _("the buyer himself")
    else:
        same = _("somebody else than the buyer")
    return [
        (_("Buyer"), _link(buyer)),
        (_("Payer"), copyable(payer)),
        (_("The payer is"), same),
        (_("Given to"), _link(payment.grant.user) if hasattr(payment, "grant") else EMPTY),
    ]


def _link(user: User | None) -> Any:
    if user is None:
        return EMPTY
    url = reverse("admin:users_user_change", args=[user.pk])
    return format_html('<a class="text-link" href="{}">{}</a>', url, who(user))


def _mirror(payment: Payment) -> Facts:
    charge = payment.telegram_payment_charge_id
    rows = StarTransaction.objects.filter(transaction_id=charge).order_by("at") if charge else ()
    facts: Facts = []
    for row in rows:
        amount = format_html("{}, {}", stars(row.amount), moment(row.at))
        facts.append((capfirst(row.get_direction_display()), amount))
    read_at = PaymentRepository().get_star_sync.blocking().finished_at
    if not facts:
        facts.append((_("Not in Telegram's list"), about_reading(read_at, payment.received_at, clock.now())))
    return [*facts, (_("List last read"), moment(read_at))]


def _similar(request: HttpRequest, payment: Payment) -> list[tuple[str, list[dict[str, Any]]]]:
    """Give the orders that money in review may be for, under what tells the groups apart."""
    groups = [(_("Orders of the payer around that time"), similar_orders(payment))]
    if others := orders_of_others(payment):
        groups.append((_("Others' unpaid orders of the same price about that time"), others))
    may_pay = payment.order_id is None and may(request, "subscriptions.resolve_payment")
    resolve = reverse("admin:subscriptions_payment_resolve", args=[payment.pk]) if may_pay else ""
    return [(title, [_order(order, resolve) for order in orders]) for title, orders in groups]


def _order(order: Order, resolve: str) -> dict[str, Any]:
    return {
        "url": reverse("admin:subscriptions_order_change", args=[order.pk]),
        "text": in_words(order),
        "state": order.get_state_display(),
        "at": order.created_at,
        "pay_url": f"{resolve}?order={order.pk}" if resolve and order.state == OrderState.OPEN else "",
    }
