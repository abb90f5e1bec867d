"""Limits, prices and the referral programme: data that staff change."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from faceitbot.core import audit, clock
from faceitbot.core.acting import Given
from faceitbot.core.display import digits
from faceitbot.core.fresh import FreshPages
from subscriptions.admin.pages import act, may, staff
from subscriptions.admin.reasons import SellingReason
from subscriptions.admin.selling import SellingPages
from subscriptions.models import PlanPrice, ReferralProgramme, TierLimits
from subscriptions.repositories import PaymentRepository

repository = PaymentRepository()
PLAN_CHANGED = audit.action("plan.changed", _("Plan changed"))


class PlanDataAdmin(FreshPages):
    """Rows that rules read: staff change them, each change is in the audit log, none is deleted."""

    fixed: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return (*self.fixed, "updated_at")

    def save_model(self, request: HttpRequest, obj: Any, form: "forms.ModelForm[Any]", change: bool) -> None:
        names = [name for name in form.changed_data if form.initial.get(name) != form.cleaned_data[name]]
        if not names:
            return
        before = {name: form.initial.get(name) for name in names}
        after = {name: form.cleaned_data[name] for name in names}
        obj.updated_at = clock.now()
        # Those columns alone: what a colleague has changed since is his.
        obj.save(update_fields=[*after, "updated_at"])
        audit.record(PLAN_CHANGED, [audit.Change(obj, before, after)], actor=staff(request))


@admin.register(TierLimits)
class TierLimitsAdmin(PlanDataAdmin):
    """What each tier allows."""

    list_display = ("tier", "number_requests", "number_matches", "advanced_analytics", "api_access")
    search_fields = ("tier",)
    search_help_text = _("Name of the tier.")
    fixed = ("tier",)

    @display(description=_("Requests a day"))
    def number_requests(self, limits: TierLimits) -> str:
        return str(_("unlimited")) if limits.daily_requests < 0 else digits(limits.daily_requests)

    @display(description=_("Matches kept"))
    def number_matches(self, limits: TierLimits) -> str:
        return digits(limits.matches_history)


@admin.register(PlanPrice)
class PlanPriceAdmin(SellingPages, PlanDataAdmin):
    """What is sold, and for how many Stars."""

    list_display = ("tier", "duration", "number_days", "number_stars", "on_sale")
    search_fields = ("tier", "duration")
    search_help_text = _("Tier or duration.")
    fixed = ("tier", "duration", "on_sale")
    actions_detail = ("take_off_sale", "put_on_sale")
    version_fields = ("on_sale", "stars", "days")

    @display(description=_("Days"))
    def number_days(self, price: PlanPrice) -> str:
        return digits(price.days)

    @display(description=_("Price"))
    def number_stars(self, price: PlanPrice) -> str:
        return f"{digits(price.stars)} ⭐"

    @action(
        description=_("Take off sale"),
        icon="remove_shopping_cart",
        variant=ActionVariant.DANGER,
        permissions=["sell"],
    )
    def take_off_sale(self, request: HttpRequest, object_id: str) -> HttpResponse:
        title = _("Take this plan off sale? Orders that were made before can still be paid.")
        return self._sell(request, object_id, False, title)

    @action(description=_("Put on sale"), icon="add_shopping_cart", permissions=["sell"])
    def put_on_sale(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._sell(request, object_id, True, _("Put this plan on sale?"))

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Offer the one of the two that changes something."""
        price = self.get_object(request, object_id)
        senseless = "put_on_sale" if price and price.on_sale else "take_off_sale"
        return [found for found in super().get_actions_detail(request, object_id) if found.path != senseless]

    def has_sell_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, "subscriptions.change_planprice")

    def _sell(self, request: HttpRequest, object_id: str, on_sale: bool, title: object) -> HttpResponse:
        price = self.get_object(request, object_id)

        def run(given: Given) -> list[PlanPrice]:
            actor, reason = staff(request), given["reason"]
            changed = repository.set_on_sale.blocking(price.pk, on_sale, actor=actor, reason=reason)
            return [price] if changed else []

        confirm = _("Put on sale") if on_sale else _("Take off sale")
        return act(self, request, price, title=title, confirm=confirm, run=run, presets=SellingReason)


@admin.register(ReferralProgramme)
class ReferralProgrammeAdmin(PlanDataAdmin):
    """What a referral brings to both sides."""

    list_display = (
        "__str__",
        "referrer_tier",
        "referrer_days",
        "referee_tier",
        "referee_days",
        "most_bonuses",
    )
    search_fields = ("referrer_tier",)
    search_help_text = _("Tier of the referrer.")
