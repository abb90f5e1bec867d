"""What staff can do next about something that was found: the actions of its page, as links."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from subscriptions.desk.belonging import buyer_of, payer_of
from subscriptions.models import Order, Payment, PaymentCase, PaymentStatus, StarTransaction, UserSubscription
from subscriptions.payments.casework import REFUNDABLE
from users.models import User


@dataclass(frozen=True)
class NextStep:
    """A link to an action's own page, where it is confirmed; `why_not` says why it is out of reach."""

    title: str
    icon: str
    url: str
    why_not: str = ""


def page_of(row: Any) -> str:
    """Give the address of a row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def next_steps(request: HttpRequest, row: Any) -> list[NextStep]:
    """Give what may be done about a row, the likeliest first."""
    if isinstance(row, Payment):
        return _about_payment(request, row)
    if isinstance(row, Order):
        return [reconcile(request), open_case(request, row.user)]
    if isinstance(row, StarTransaction):
        return [reconcile(request)]
    if isinstance(row, PaymentCase) and row.closed_at is None:
        return [_step(request, row, "close", _("Close case"), "task_alt")]
    return []


def reconcile(request: HttpRequest) -> NextStep:
    """Offer to read Telegram's list at once."""
    page: Any = admin.site.get_model_admin(StarTransaction)
    url = reverse("admin:subscriptions_startransaction_reconcile")
    return NextStep(_("Reconcile now"), "sync", url, _missing(page.has_reconcile_permission(request)))


def open_case(request: HttpRequest, user: User, charge_id: str = "") -> NextStep:
    """Offer to write a complaint down."""
    page: Any = admin.site.get_model_admin(PaymentCase)
    given = urlencode({"telegram_id": user.telegram_id or "", "charge_id": charge_id})
    url = f"{reverse('admin:subscriptions_paymentcase_open_case')}?{given}"
    return NextStep(_("Open a case"), "support_agent", url, _missing(page.has_open_permission(request)))


def give_access(request: HttpRequest, subscription_id: UUID) -> NextStep:
    """Offer to give a user access."""
    page: Any = admin.site.get_model_admin(UserSubscription)
    url = reverse("admin:subscriptions_usersubscription_give", args=[subscription_id])
    return NextStep(_("Give access"), "redeem", url, _missing(page.has_give_permission(request)))


def reset_requests(request: HttpRequest, subscription_id: UUID) -> NextStep:
    """Offer to count today's requests anew."""
    page: Any = admin.site.get_model_admin(UserSubscription)
    url = reverse("admin:subscriptions_usersubscription_reset_requests", args=[subscription_id])
    return NextStep(_("Reset requests"), "restart_alt", url, _missing(page.has_reset_permission(request)))


def edit(row: Any, parameter: str, *, may_change: bool) -> NextStep:
    """Offer to change what is stored in a row, where its page shows it."""
    return NextStep(_("Edit"), "edit", f"{page_of(row)}?{parameter}=1", _missing(may_change))


def _about_payment(request: HttpRequest, payment: Payment) -> list[NextStep]:
    found = _grant(request, payment) if payment.status == PaymentStatus.NEEDS_REVIEW else []
    if payment.status in REFUNDABLE:
        back = _step(request, payment, "give_back", _("Give back"), "undo")
        found.append(back)
        if back.why_not:
            instead = _step(request, payment, "propose_refund", _("Propose a refund"), "campaign")
            found += [] if instead.why_not else [instead]
    if payment.status == PaymentStatus.REFUND_PENDING:
        found.append(_step(request, payment, "keep", _("Take the refund back"), "redo"))
    buyer = payment.order.user if payment.order else payment.user
    if buyer and buyer.telegram_id:
        found.append(open_case(request, buyer, payment.telegram_payment_charge_id or ""))
    return found


def _grant(request: HttpRequest, payment: Payment) -> list[NextStep]:
    """Offer access to whoever may be meant, each with his id in the form."""
    buyer, payer = buyer_of(payment), payer_of(payment)
    people = [(_("Grant access"), buyer or payer)]
    if buyer and payer and buyer != payer:
        people = [(_("Grant to the buyer"), buyer), (_("Grant to the payer"), payer)]
    return [
        _step(request, payment, "resolve", title, "redeem", telegram_id=user.telegram_id if user else None)
        for title, user in people
    ]


def _step(
    request: HttpRequest, row: Any, name: str, title: str, icon: str, *, telegram_id: int | None = None
) -> NextStep:
    page: Any = admin.site.get_model_admin(type(row))
    permission = getattr(page, name).allowed_permissions[0]
    allowed = getattr(page, f"has_{permission}_permission")(request, str(row.pk))
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])
    given = f"?{urlencode({'telegram_id': telegram_id})}" if telegram_id else ""
    return NextStep(title, icon, f"{url}{given}", _missing(allowed))


def _missing(allowed: bool) -> str:
    return "" if allowed else _("Your role does not allow this.")
