"""Referrals."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from faceitbot.core.acting import Given
from faceitbot.core.display import code, digits, moment
from faceitbot.core.periods import PeriodFilter
from subscriptions.admin.pages import COUNTS, act, may, staff
from subscriptions.admin.reasons import VoidingReason
from subscriptions.models import Referral
from subscriptions.repositories import SubscriptionRepository
from users.staff_pages import UserFactsAdmin, name_of, users_like

repository = SubscriptionRepository()


@admin.register(Referral)
class ReferralAdmin(UserFactsAdmin):
    """Who brought whom."""

    user_path = "referee"
    search_fields = ("referee__telegram_id",)
    search_help_text = _("Telegram id or FACEIT nickname of either side, or the code.")
    list_display = (
        "show_referrer",
        "show_referee",
        "show_code",
        "number_referrer_days",
        "number_referee_days",
        "show_at",
        "show_state",
    )
    list_select_related = ("referrer", "referee")
    list_filter = (PeriodFilter,)
    list_filter_sheet = False
    ordering = ("-created_at", "id")
    sortable_by = ("show_at",)
    actions_detail = ("void",)
    version_fields = ("voided_at", "referrer_days", "referee_days")
    fieldsets = (
        (None, {"fields": (("show_referrer", "show_referee"), ("show_code", "created_at"))}),
        (_("Bonuses"), {"fields": (("referrer_days", "referee_days"),)}),
        (_("Voiding"), {"fields": (("voided_at", "voided_by"), "void_reason")}),
    )
    readonly_fields = ("show_referrer", "show_referee", "show_code")

    @display(description=_("Referrer"))
    def show_referrer(self, referral: Referral) -> str:
        return name_of(referral.referrer)

    @display(description=_("Referred user"))
    def show_referee(self, referral: Referral) -> str:
        return name_of(referral.referee)

    @display(description=_("Code"))
    def show_code(self, referral: Referral) -> str:
        return code(referral.code)

    @display(description=_("Referrer's days"))
    def number_referrer_days(self, referral: Referral) -> str:
        return digits(referral.referrer_days)

    @display(description=_("User's days"))
    def number_referee_days(self, referral: Referral) -> str:
        return digits(referral.referee_days)

    @display(description=_("At"), ordering="created_at")
    def show_at(self, referral: Referral) -> str:
        return moment(referral.created_at)

    @display(description=_("State"), label={"counts": "success", "voided": "danger"})
    def show_state(self, referral: Referral) -> tuple[str, Any]:
        return ("voided", _("voided")) if referral.voided_at else ("counts", COUNTS)

    def condition(self, term: str) -> Q:
        found = super().condition(term) | Q(referrer__in=users_like(term))
        return found | Q(code__in={term, term.upper()})

    @action(description=_("Void"), icon="undo", variant=ActionVariant.DANGER, permissions=["act"])
    def void(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            key = cast("Referral", row).pk
            return [repository.void_referral.blocking(key, actor=staff(request), reason=given["reason"])]

        title = _("Void this referral? Both bonuses are revoked.")
        return act(self, request, row, title=title, confirm=_("Void"), run=run, presets=VoidingReason)

    def has_act_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, "subscriptions.void_referral")
