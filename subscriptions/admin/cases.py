"""Complaints about payments."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from faceitbot.core.acting import Given, act_with_reason
from faceitbot.core.display import EMPTY, copyable, moment, stars
from faceitbot.core.fields import validate_plain_text
from faceitbot.core.periods import PeriodFilter
from faceitbot.core.reasons import ReasonForm
from subscriptions.admin.pages import TelegramIdField, act, label, may, staff
from subscriptions.admin.reasons import ClosingReason
from subscriptions.models import PaymentCase
from subscriptions.models.payments import MAX_CHARGE_ID_LENGTH
from subscriptions.payments.casework import with_payments
from subscriptions.repositories import PaymentRepository
from users.staff_pages import UserFactsAdmin


class OpenCaseForm(ReasonForm):
    """Who complains, about what."""

    telegram_id = TelegramIdField(label=_("Telegram id of the buyer"))
    charge_id = forms.CharField(
        label=_("Charge id"),
        required=False,
        max_length=MAX_CHARGE_ID_LENGTH,
        validators=[validate_plain_text],
        widget=UnfoldAdminTextInputWidget,
    )
    field_order = ("telegram_id", "charge_id", "reason")

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields["reason"].label = _("What he says")


CASE_COLOURS = {"open": "danger", "closed": "success"}
repository = PaymentRepository()


@admin.register(PaymentCase)
class PaymentCaseAdmin(UserFactsAdmin):
    """What buyers complain about, with what they paid last."""

    list_display = ("show_user", "kind", "show_text", "show_state", "show_opened", "show_charge")
    list_filter = (
        PeriodFilter,
        "kind",
        ("closed_at", admin.EmptyFieldListFilter),
    )
    list_filter_sheet = False
    search_help_text = _("Telegram id, FACEIT nickname, our id of the user, or charge id.")
    ordering = ("-created_at", "id")
    sortable_by = ("show_opened",)
    actions_list = ("open_case",)
    actions_detail = ("close",)
    version_fields = ("closed_at", "text", "charge_id")
    fieldsets = (
        (None, {"fields": (("show_user", "kind", "state_label"), "text", "show_charge", "show_payments")}),
        (_("End"), {"fields": (("closed_at", "closed_by"), "resolution")}),
        (_("Record"), {"fields": (("created_at", "updated_at"),)}),
    )
    readonly_fields = ("show_user", "state_label", "show_charge", "show_payments")

    @display(description=_("Says"))
    def show_text(self, case: PaymentCase) -> str:
        return case.text[:80] or EMPTY

    @display(description=_("State"), label=CASE_COLOURS)
    def show_state(self, case: PaymentCase) -> tuple[str, Any]:
        return ("closed", _("closed")) if case.closed_at else ("open", pgettext_lazy("case", "open"))

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

    @action(description=_("Open a case"), icon="support_agent", permissions=["open"])
    def open_case(self, request: HttpRequest) -> HttpResponse:
        opened: list[Model] = []

        def run(given: Given) -> list[Model]:
            user, charge_id = given["telegram_id"], given["charge_id"]
            case = repository.open_payment_case.blocking(
                user.pk, given["reason"], charge_id, actor=staff(request)
            )
            opened[:] = [case]  # this may run again
            return opened

        title = _("Write down what a buyer complains about")
        confirm = _("Open case")
        answer = act_with_reason(
            self, request, [], title=title, confirm=confirm, run=run, form_class=OpenCaseForm
        )
        return answer or HttpResponseRedirect(
            reverse("admin:subscriptions_paymentcase_change", args=[opened[0].pk])
            if opened
            else request.get_full_path()
        )

    def has_open_permission(self, request: HttpRequest) -> bool:
        return may(request, "subscriptions.open_paymentcase")

    @action(description=_("Close case"), icon="task_alt", permissions=["close"])
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            key = cast("PaymentCase", row).pk
            return [repository.close_payment_case.blocking(key, actor=staff(request), reason=given["reason"])]

        return act(
            self,
            request,
            row,
            title=_("Close this case?"),
            confirm=_("Close"),
            run=run,
            presets=ClosingReason,
        )

    def has_close_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not may(request, "subscriptions.close_paymentcase"):
            return False
        row = self.get_object(request, object_id) if object_id else None
        return row is None or request.method == "POST" or row.closed_at is None
