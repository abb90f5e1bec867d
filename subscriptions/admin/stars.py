"""Telegram's own list of the bot's Stars."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from faceitbot.core.acting import Given, act_with_reason
from faceitbot.core.display import code, copyable, moment, stars
from faceitbot.core.exports.pages import ExportPages
from faceitbot.core.ids import typed_id
from faceitbot.core.periods import MomentFilter
from faceitbot.core.searching import FoundByText
from subscriptions.admin.export_columns import STAR_TRANSACTIONS
from subscriptions.admin.pages import back_to_list, may, staff
from subscriptions.admin.totals import TransferTotals
from subscriptions.models import StarTransaction
from subscriptions.repositories import PaymentRepository

repository = PaymentRepository()
# Source: Telegram Bot API, TransactionPartner.
PARTNERS = {
    "user": _("user"),
    "chat": _("chat"),
    "affiliate_program": _("affiliate programme"),
    "fragment": "Fragment",
    "telegram_ads": _("Telegram's advertising"),
    "telegram_api": _("paid broadcasts"),
    "other": _("other"),
}
DIRECTION_COLOURS = {"in": "success", "out": "warning"}


class PartnerFilter(admin.SimpleListFilter):
    """From whom, or to whom; the kinds are Telegram's, so the table need not be asked for them."""

    title = _("partner")
    parameter_name = "partner_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(PARTNERS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(partner_type=self.value()) if self.value() in PARTNERS else queryset


@admin.register(StarTransaction)
class StarTransactionAdmin(ExportPages, TransferTotals, FoundByText):
    """What Telegram says was received and sent; reconciliation compares it with the payments."""

    list_display = ("show_at", "number_stars", "show_direction", "partner_type", "show_partner", "show_id")
    export_permission = "subscriptions.export_payment"
    export_columns = STAR_TRANSACTIONS
    list_filter = (MomentFilter, "direction", PartnerFilter)
    list_filter_sheet = False
    search_fields = ("transaction_id",)
    search_help_text = _("Transaction id, or the partner's Telegram id.")
    ordering = ("-at", "id")
    sortable_by = ("show_at",)
    actions_list = ("reconcile",)
    fieldsets = (
        (None, {"fields": (("show_at", "direction"), ("number_stars", "nanostar_amount"), "show_id")}),
        (_("Partner"), {"fields": (("partner_type", "show_partner"), ("transaction_type", "payload"))}),
        (_("Here"), {"fields": (("payment", "settled_at"), ("subscription_seconds", "created_at"))}),
    )
    readonly_fields = ("show_at", "number_stars", "show_id", "show_partner")

    @display(description=_("At"), ordering="at")
    def show_at(self, row: StarTransaction) -> str:
        return moment(row.at)

    @display(description=_("Stars"))
    def number_stars(self, row: StarTransaction) -> str:
        return stars(row.amount)

    @display(description=_("Direction"), label=DIRECTION_COLOURS)
    def show_direction(self, row: StarTransaction) -> tuple[str, Any]:
        return row.direction, row.get_direction_display()

    @display(description=_("Partner's Telegram id"))
    def show_partner(self, row: StarTransaction) -> str:
        return code(row.partner_telegram_id)

    @display(description=_("Transaction id"))
    def show_id(self, row: StarTransaction) -> str:
        return copyable(row.transaction_id)

    def searched(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        found = Q(transaction_id=term)
        if (telegram_id := typed_id(term)) is not None:
            found |= Q(partner_telegram_id=telegram_id)
        return rows.filter(found)

    @action(description=_("Reconcile now"), icon="sync", permissions=["reconcile"])
    def reconcile(self, request: HttpRequest) -> HttpResponse:
        def run(given: Given) -> list[Any]:
            asked = repository.request_star_sync.blocking(actor=staff(request), reason=given["reason"])
            return [repository.get_star_sync.blocking()] if asked else []

        title = _("Have the bot read Telegram's list of Stars at once? It takes a few seconds.")
        rows = [repository.get_star_sync.blocking()]
        answer = act_with_reason(self, request, rows, title=title, confirm=_("Reconcile"), run=run)
        return answer or back_to_list(self)

    def has_reconcile_permission(self, request: HttpRequest) -> bool:
        return may(request, "subscriptions.reconcile_startransaction")
