"""Orders, and the switch that stops selling."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from faceitbot.core.display import copyable, digits, moment, stars
from faceitbot.core.staff import act_with_reason
from subscriptions.admin.pages import (
    TIER_COLOURS,
    Given,
    UserFactsAdmin,
    back_to_list,
    key_is,
    label,
    may,
    staff,
)
from subscriptions.models import Order, SubscriptionTier
from subscriptions.repositories import PaymentRepository

ORDER_COLOURS = {"open": "info", "paid": "success"}
repository = PaymentRepository()


@admin.register(Order)
class OrderAdmin(UserFactsAdmin):
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
    list_filter = ("state", "tier", "recurring")
    list_filter_sheet = False
    search_help_text = _("Telegram id, FACEIT nickname, our id of the user, or payload.")
    ordering = ("-created_at", "id")
    actions_list = ("stop_selling", "start_selling")
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

    @display(description=_("Days"), ordering="days")
    def number_days(self, order: Order) -> str:
        return digits(order.days)

    @display(description=_("Price"), ordering="stars")
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

    @action(description=_("Stop selling"), icon="block", variant=ActionVariant.DANGER, permissions=["switch"])
    def stop_selling(self, request: HttpRequest) -> HttpResponse:
        return self._switch(request, False, _("Stop selling to everybody? Money on its way is still taken."))

    @action(description=_("Sell again"), icon="storefront", permissions=["switch"])
    def start_selling(self, request: HttpRequest) -> HttpResponse:
        return self._switch(request, True, _("Sell again?"))

    def _switch(self, request: HttpRequest, enabled: bool, title: object) -> HttpResponse:
        if repository.is_selling.blocking() == enabled:
            text = _("Selling is on already.") if enabled else _("Selling is off already.")
            self.message_user(request, str(text), messages.WARNING)
            return back_to_list(self)

        def run(given: Given) -> list[Any]:
            changed = repository.set_selling.blocking(enabled, actor=staff(request), reason=given["reason"])
            return [changed] if changed else []

        confirm = _("Sell") if enabled else _("Stop")
        answer = act_with_reason(self, request, [], title=title, confirm=confirm, run=run)
        return answer or back_to_list(self)

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return may(request, "subscriptions.change_order")
