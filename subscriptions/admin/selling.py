"""The switch that stops selling to everybody: its buttons, and what the lists say of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from faceitbot.core.acting import Given, act_with_reason
from faceitbot.core.audit import history
from faceitbot.core.models import Switch
from faceitbot.core.staff import StaffPages
from subscriptions.admin.pages import back_to_list, may, staff
from subscriptions.admin.reasons import SellingReason
from subscriptions.payments.ordering import SELLING
from subscriptions.repositories import PaymentRepository

repository = PaymentRepository()


class SellingPages(StaffPages):
    """Lists from which staff stop and resume selling."""

    actions_list = ("stop_selling", "start_selling")
    list_before_template = "admin/subscriptions/selling.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        stopped = [] if repository.is_selling.blocking() else history(Switch(name=SELLING), limit=1)
        context = {**(extra_context or {}), "selling_stopped": stopped}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    @action(description=_("Stop selling"), icon="block", variant=ActionVariant.DANGER, permissions=["switch"])
    def stop_selling(self, request: HttpRequest) -> HttpResponse:
        return self._switch(request, False, _("Stop selling to everybody? Money on its way is still taken."))

    @action(description=_("Sell again"), icon="storefront", permissions=["switch"])
    def start_selling(self, request: HttpRequest) -> HttpResponse:
        return self._switch(request, True, _("Sell again?"))

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        """Offer the one of the two that changes something."""
        senseless = "start_selling" if repository.is_selling.blocking() else "stop_selling"
        return [found for found in super().get_actions_list(request) if found.path != senseless]

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return may(request, "subscriptions.switch_selling")

    def _switch(self, request: HttpRequest, enabled: bool, title: object) -> HttpResponse:
        if repository.is_selling.blocking() == enabled:
            text = _("Selling is on already.") if enabled else _("Selling is off already.")
            self.message_user(request, str(text), messages.WARNING)
            return back_to_list(self)

        def run(given: Given) -> list[Any]:
            changed = repository.set_selling.blocking(enabled, actor=staff(request), reason=given["reason"])
            return [changed] if changed else []

        confirm = _("Sell") if enabled else _("Stop")
        answer = act_with_reason(
            self, request, [], title=title, confirm=confirm, run=run, presets=SellingReason
        )
        return answer or back_to_list(self)
