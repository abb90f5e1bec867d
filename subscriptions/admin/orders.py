"""Orders, from which selling is stopped."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core.display import copyable, digits, moment, stars
from faceitbot.core.exports.pages import ExportPages
from faceitbot.core.periods import PeriodFilter
from subscriptions.admin.export_columns import ORDERS
from subscriptions.admin.pages import TIER_COLOURS, label
from subscriptions.admin.selling import SellingPages
from subscriptions.models import Order, SubscriptionTier
from subscriptions.repositories import PaymentRepository
from users.staff_pages import UserFactsAdmin, key_is

ORDER_COLOURS = {"open": "info", "paid": "success"}
repository = PaymentRepository()


@admin.register(Order)
class OrderAdmin(SellingPages, ExportPages, UserFactsAdmin):
    """What was offered to whom, at which price."""

    list_display = (
        "show_user",
        "show_tier",
        "number_days",
        "number_price",
        "show_state",
        "show_made",
        "recurring",
    )
    export_permission = "subscriptions.export_payment"
    export_columns = ORDERS
    list_filter = (PeriodFilter, "state", "tier", "recurring")
    list_filter_sheet = False
    search_help_text = _("Telegram id, FACEIT nickname, our id of the user, or payload.")
    ordering = ("-created_at", "id")
    sortable_by = ("show_made",)
    fieldsets = (
        (None, {"fields": (("show_user", "state_label"), ("tier_label", "number_days"))}),
        (_("Price"), {"fields": (("number_price", "number_list_price"),)}),
        (_("Invoice"), {"fields": ("show_payload", "title", "description")}),
        (_("Renewal"), {"fields": (("recurring", "renewal"),)}),
        (_("Record"), {"fields": (("created_at", "expires_at"), "paid_at")}),
    )
    readonly_fields = (
        "show_user",
        "state_label",
        "tier_label",
        "number_days",
        "number_price",
        "number_list_price",
        "show_payload",
    )

    @display(description=_("Tier"), label=TIER_COLOURS)
    def show_tier(self, order: Order) -> tuple[str, Any]:
        return order.tier, SubscriptionTier(order.tier).label

    @display(description=_("Tier"))
    def tier_label(self, order: Order) -> str:
        return label(self.show_tier(order), TIER_COLOURS)

    @display(description=_("Days"))
    def number_days(self, order: Order) -> str:
        return digits(order.days)

    @display(description=_("Price"))
    def number_price(self, order: Order) -> str:
        return stars(order.stars)

    @display(description=_("List price"))
    def number_list_price(self, order: Order) -> str:
        return stars(order.list_stars)

    @display(description=_("State"), label=ORDER_COLOURS)
    def show_state(self, order: Order) -> tuple[str, Any]:
        return order.state, order.get_state_display()

    @display(description=_("State"))
    def state_label(self, order: Order) -> str:
        return label(self.show_state(order), ORDER_COLOURS)

    @display(description=_("Made"), ordering="created_at")
    def show_made(self, order: Order) -> str:
        return moment(order.created_at)

    @display(description=_("Payload"))
    def show_payload(self, order: Order) -> str:
        return copyable(order.payload)

    def condition(self, term: str) -> Q:
        return super().condition(term) | key_is(term) | Q(payload=term)
