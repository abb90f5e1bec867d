"""Payments: money is never changed by hand, what staff do about it goes through the repository."""

from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from faceitbot.core.acting import Given
from faceitbot.core.display import EMPTY, code, copyable, digits, moment, stars
from faceitbot.core.exports.pages import ExportPages
from faceitbot.core.ids import typed_id
from faceitbot.core.periods import PeriodFilter
from subscriptions.admin.export_columns import PAYMENTS
from subscriptions.admin.pages import act, label, may, staff
from subscriptions.admin.payment_page import payment_context
from subscriptions.admin.reasons import KeepingReason, RefundingReason
from subscriptions.admin.resolving import ResolveForm
from subscriptions.admin.totals import MoneyTotals
from subscriptions.models import Order, Payment, PaymentStatus, PlanDuration, SubscriptionTier
from subscriptions.payments.casework import REFUNDABLE
from subscriptions.repositories import PaymentRepository
from users.staff_pages import UserFactsAdmin, key_is, name_of, users_like

MOST_ORDERS = 200
STATUS_COLOURS = {
    "pending": "info",
    "completed": "success",
    "failed": "info",
    "needs_review": "danger",
    "refund_pending": "warning",
    "refunded": "info",
}
repository = PaymentRepository()


class CompletedFilter(PeriodFilter):
    """When money was matched: what came in then by the books."""

    title = _("completed")
    parameter_name = "completed"
    column = "completed_at"


class RefundedFilter(PeriodFilter):
    """When money went back."""

    title = _("refunded")
    parameter_name = "refunded"
    column = "refunded_at"


@admin.register(Payment)
class PaymentAdmin(ExportPages, MoneyTotals, UserFactsAdmin):
    """What came, what it bought, and whether it went back."""

    list_display = (
        "show_user",
        "number_stars",
        "show_bought",
        "show_status",
        "review_reason",
        "show_made",
        "show_charge",
    )
    export_permission = "subscriptions.export_payment"
    export_columns = PAYMENTS
    list_filter = (PeriodFilter, CompletedFilter, RefundedFilter, "status", "review_reason", "tier")
    list_filter_sheet = False
    list_select_related = ("user", "order__user")
    search_help_text = _("Charge id, payload, Telegram id of buyer or payer, FACEIT nickname, our id.")
    ordering = ("-created_at", "id")
    sortable_by = ("show_made",)
    change_form_outer_before_template = "staff_room/payment.html"
    actions_detail = ("resolve", "give_back", "propose_refund", "keep")
    version_fields = ("status", "review_reason", "amount", "order__state", "grant__revoked_at")
    fieldsets = (
        (None, {"fields": (("show_user", "status_label"), ("number_stars", "show_bought"), "order")}),
        (_("Review"), {"fields": (("review_reason", "error"),)}),
        (
            _("As received"),
            {
                "fields": (
                    ("show_charge", "provider_payment_charge_id"),
                    ("show_payer", "charge_kind"),
                    ("received_amount", "received_currency"),
                    ("received_payload", "received_odd"),
                )
            },
        ),
        (_("Refund"), {"fields": (("refund_requested_at", "refund_attempts"), "refund_claimed_until")}),
        (_("Record"), {"fields": (("created_at", "received_at"), ("completed_at", "refunded_at"))}),
    )
    readonly_fields = (
        "show_user",
        "status_label",
        "number_stars",
        "show_bought",
        "show_charge",
        "show_payer",
    )

    def page_context(self, request: HttpRequest, row: Payment) -> dict[str, Any]:
        return {**super().page_context(request, row), **payment_context(request, row)}

    def name_of(self, row: Any) -> str:
        return name_of(row.user) if row.user else row.telegram_payment_charge_id or str(row)

    @display(description=_("User"))
    def show_user(self, row: Any) -> str:
        return name_of(row.user) if row.user else EMPTY

    @display(description=_("Stars"))
    def number_stars(self, payment: Payment) -> str:
        return stars(payment.received_amount if payment.amount is None else payment.amount)

    @display(description=_("Bought"))
    def show_bought(self, payment: Payment) -> str:
        if payment.tier is None:
            return EMPTY
        days = payment.days or 0
        length = ngettext("%(days)s day", "%(days)s days", days) % {"days": digits(days)}
        return f"{SubscriptionTier(payment.tier).label}, {length}"

    @display(description=_("Status"), label=STATUS_COLOURS)
    def show_status(self, payment: Payment) -> tuple[str, Any]:
        return payment.status, payment.get_status_display()

    @display(description=_("Status"))
    def status_label(self, payment: Payment) -> str:
        return label(self.show_status(payment), STATUS_COLOURS)

    @display(description=_("Came"), ordering="created_at")
    def show_made(self, payment: Payment) -> str:
        return moment(payment.created_at)

    @display(description=_("Charge id"))
    def show_charge(self, payment: Payment) -> str:
        return copyable(payment.telegram_payment_charge_id)

    @display(description=_("Payer"))
    def show_payer(self, payment: Payment) -> str:
        return code(payment.payer_telegram_id)

    def condition(self, term: str) -> Q:
        orders = Order.objects.filter(Q(payload=term) | Q(user__in=users_like(term)))
        found = super().condition(term) | key_is(term) | Q(telegram_payment_charge_id=term)
        found |= Q(order__in=list(orders.values_list("pk", flat=True)[:MOST_ORDERS]))
        if (telegram_id := typed_id(term)) is not None:
            found |= Q(payer_telegram_id=telegram_id)
        return found

    @action(description=_("Grant access"), icon="redeem", permissions=["review"])
    def resolve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            tier, _space, duration = given["plan"].partition(" ")
            return [
                repository.resolve_review.blocking(
                    cast("Payment", row).pk,
                    actor=staff(request),
                    reason=given["reason"],
                    grant_to=given["user"].pk,
                    tier=tier or None,
                    duration=duration or PlanDuration.MONTHLY.value,
                    order=given["order"].pk if given["order"] else None,
                )
            ]

        title = _("Let this money buy access?")
        form = partial(ResolveForm, payment=cast("Payment", row))
        return act(self, request, row, title=title, confirm=_("Grant"), run=run, form_class=form)

    @action(description=_("Give back"), icon="undo", variant=ActionVariant.DANGER, permissions=["give_back"])
    def give_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            key = cast("Payment", row).pk
            return [repository.request_refund.blocking(key, actor=staff(request), reason=given["reason"])]

        title = _(
            "Give this money back? The access that it bought ends; days that the user has enjoyed under it"
            " count as used up by what waits below it."
        )
        return act(self, request, row, title=title, confirm=_("Give back"), run=run, presets=RefundingReason)

    @action(description=_("Propose a refund"), icon="campaign", permissions=["propose"])
    def propose_refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            key = cast("Payment", row).pk
            return [repository.propose_refund.blocking(key, actor=staff(request), reason=given["reason"])]

        title = _("Propose to give this money back? A case is opened, which finance answers.")
        return act(self, request, row, title=title, confirm=_("Propose"), run=run, presets=RefundingReason)

    @action(description=_("Take the refund back"), icon="redo", permissions=["keep"])
    def keep(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            key = cast("Payment", row).pk
            return [repository.cancel_refund.blocking(key, actor=staff(request), reason=given["reason"])]

        return act(
            self,
            request,
            row,
            title=_("Keep this money?"),
            confirm=_("Keep"),
            run=run,
            presets=KeepingReason,
        )

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Offer no proposal to whoever may give the money back himself."""
        senseless = "propose_refund" if may(request, "subscriptions.refund_payment") else ""
        return [found for found in super().get_actions_detail(request, object_id) if found.path != senseless]

    # A button shows where the state allows what it does.

    def has_review_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, "resolve_payment", object_id, PaymentStatus.NEEDS_REVIEW)

    def has_give_back_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, "refund_payment", object_id, *REFUNDABLE)

    def has_propose_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, "open_paymentcase", object_id, *REFUNDABLE)

    def has_keep_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may(request, "refund_payment", object_id, PaymentStatus.REFUND_PENDING)

    def _may(self, request: HttpRequest, deed: str, object_id: str | None, *statuses: PaymentStatus) -> bool:
        if not may(request, f"subscriptions.{deed}"):
            return False
        row = self.get_object(request, object_id) if object_id else None
        return row is None or request.method == "POST" or row.status in statuses
