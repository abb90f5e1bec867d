"""Complaints about payments."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from faceitbot.core.display import EMPTY, copyable, moment, stars
from subscriptions.admin.pages import Given, UserFactsAdmin, act, label, may, staff
from subscriptions.models import PaymentCase
from subscriptions.payments.casework import with_payments
from subscriptions.repositories import PaymentRepository

CASE_COLOURS = {"open": "danger", "closed": "success"}
repository = PaymentRepository()


@admin.register(PaymentCase)
class PaymentCaseAdmin(UserFactsAdmin):
    """What buyers complain about, with what they paid last."""

    list_display = ("show_user", "show_text", "show_state", "show_opened", "show_charge")
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    list_filter_sheet = False
    search_help_text = _("Telegram id, FACEIT nickname, our id of the user, or charge id.")
    ordering = ("-created_at", "id")
    actions_detail = ("close",)
    fieldsets = (
        (None, {"fields": (("show_user", "state_label"), "text", "show_charge", "show_payments")}),
        (_("End"), {"fields": (("closed_at", "closed_by"), "resolution")}),
        (_("Record"), {"fields": (("created_at", "updated_at"),)}),
    )
    readonly_fields = ("show_user", "state_label", "show_charge", "show_payments")

    @display(description=_("Says"))
    def show_text(self, case: PaymentCase) -> str:
        return case.text[:80] or EMPTY

    @display(description=_("State"), label=CASE_COLOURS)
    def show_state(self, case: PaymentCase) -> tuple[str, Any]:
        return ("closed", _("closed")) if case.closed_at else ("open", _("open"))

    @display(description=_("State"))
    def state_label(self, case: PaymentCase) -> str:
        return label(self.show_state(case), CASE_COLOURS)

    @display(description=_("Opened"), ordering="created_at")
    def show_opened(self, case: PaymentCase) -> str:
        return moment(case.created_at)

    @display(description=_("Charge id"))
    def show_charge(self, case: PaymentCase) -> str:
        return copyable(case.charge_id)

    @display(description=_("Last payments"))
    def show_payments(self, case: PaymentCase) -> str:
        (shown,) = with_payments([case])
        rows = (
            (
                reverse("admin:subscriptions_payment_change", args=[payment.pk]),
                stars(payment.amount or payment.received_amount),
                payment.get_status_display(),
                moment(payment.created_at),
            )
            for payment in shown.last_payments
        )
        found = format_html_join("", '<li><a class="underline" href="{}">{}</a> · {} · {}</li>', rows)
        return format_html("<ul>{}</ul>", found) if found else str(_("He has never paid."))

    def condition(self, term: str) -> Q:
        return super().condition(term) | Q(charge_id=term)

    @action(description=_("Close case"), icon="task_alt", permissions=["close"])
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            key = cast("PaymentCase", row).pk
            return [repository.close_payment_case.blocking(key, actor=staff(request), reason=given["reason"])]

        return act(self, request, row, title=_("Close this case?"), confirm=_("Close"), run=run)

    def has_close_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not may(request, "subscriptions.change_paymentcase"):
            return False
        row = self.get_object(request, object_id) if object_id else None
        return row is None or request.method == "POST" or row.closed_at is None
