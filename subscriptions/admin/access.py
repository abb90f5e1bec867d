"""Subscriptions and grants."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from faceitbot.core import clock
from faceitbot.core.acting import Given, act_on_rows, chosen, each
from faceitbot.core.display import EMPTY, copyable, digits, moment, why
from faceitbot.core.exports.pages import ExportPages
from faceitbot.core.periods import PeriodFilter
from subscriptions.admin.campaign_start import start_campaign
from subscriptions.admin.export_columns import GRANTS, SUBSCRIPTIONS
from subscriptions.admin.giving import GiveForm, give
from subscriptions.admin.in_force import TierInForceFilter, grants_as_table, in_force, length
from subscriptions.admin.pages import COUNTS, TIER_COLOURS, act, label, may, staff
from subscriptions.admin.reasons import ResettingReason, RevokingReason
from subscriptions.models import Grant, SubscriptionTier, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from users.models import User
from users.staff_pages import UserFactsAdmin

GRANT_COLOURS = {"live": "success", "revoked": "danger"}
repository = SubscriptionRepository()


@admin.register(UserSubscription)
class SubscriptionAdmin(ExportPages, UserFactsAdmin):
    """What a user may do, and what staff do about it."""

    list_display = (
        "show_user",
        "show_tier",
        "show_until",
        "show_next",
        "number_requests",
        "number_referrals",
        "show_code",
    )
    export_columns = SUBSCRIPTIONS
    list_filter = (TierInForceFilter, "auto_renew")
    list_filter_sheet = False
    list_select_related = ("user", "referred_by")
    search_help_text = _("Telegram id, FACEIT nickname, our id of the user, or referral code.")
    ordering = ("-created_at", "id")
    actions = ("give_to_selected", "reset_selected", "start_campaign")
    actions_detail = ("give", "reset_requests")
    version_fields = ("tier", "expires_at", "next_tier", "next_expires_at")
    fieldsets = (
        (None, {"fields": (("show_user", "tier_label"), ("show_until", "show_next"))}),
        (_("Why"), {"fields": ("show_grants",)}),
        (_("Requests"), {"fields": (("number_requests", "last_reset_date"),)}),
        (_("Referrals"), {"fields": (("show_code", "referrals_count"), "referred_by")}),
        (_("Record"), {"fields": (("auto_renew", "payment_method"), ("created_at", "updated_at"))}),
    )
    readonly_fields = (
        "show_user",
        "tier_label",
        "show_until",
        "show_next",
        "show_grants",
        "number_requests",
        "show_code",
    )

    @display(description=_("Tier in force"), label=TIER_COLOURS)
    def show_tier(self, row: UserSubscription) -> tuple[str, Any]:
        tier = SubscriptionTier(in_force(row).tier)
        return tier.value, tier.label

    @display(description=_("Tier in force"))
    def tier_label(self, row: UserSubscription) -> str:
        return label(self.show_tier(row), TIER_COLOURS)

    @display(description=_("Until"))
    def show_until(self, row: UserSubscription) -> str:
        current = in_force(row)
        if current.tier != SubscriptionTier.FREE and current.expires_at is None:
            return str(_("for ever"))
        return moment(current.expires_at)

    @display(description=_("Then"))
    def show_next(self, row: UserSubscription) -> str:
        following = in_force(row).next_tier
        return str(SubscriptionTier(following).label) if following else EMPTY

    @display(description=_("Grants"))
    def show_grants(self, row: UserSubscription) -> str:
        return grants_as_table(repository.explain_access.blocking(row.user_id, now=clock.now()))

    @display(description=_("Requests"))
    def number_requests(self, row: UserSubscription) -> str:
        return digits(row.daily_requests if row.last_reset_date == clock.today() else 0)

    @display(description=_("Referrals"))
    def number_referrals(self, row: UserSubscription) -> str:
        return digits(row.referrals_count)

    @display(description=_("Code"))
    def show_code(self, row: UserSubscription) -> str:
        return copyable(row.referral_code)

    def condition(self, term: str) -> Q:
        return super().condition(term) | Q(referral_code__in={term, term.upper()})

    @action(description=_("Give access"), icon="redeem", permissions=["give"])
    def give(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            return [give(request, row, given)]

        title = _("Give access to this user?")
        return act(self, request, row, title=title, confirm=_("Give"), run=run, form_class=GiveForm)

    @action(description=_("Reset requests"), icon="restart_alt", permissions=["reset"])
    def reset_requests(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            done = _reset(request, row, given)
            return [done] if done else []

        return act(
            self,
            request,
            row,
            title=_("Set today's requests to 0?"),
            confirm=_("Reset"),
            run=run,
            presets=ResettingReason,
        )

    @admin.action(description=_("Give or extend access"), permissions=["give_to_many"])
    def give_to_selected(
        self, request: HttpRequest, queryset: QuerySet[UserSubscription]
    ) -> HttpResponse | None:
        return act_on_rows(
            self,
            request,
            chosen(queryset),
            title=_("Give access to these users?"),
            confirm=_("Give"),
            run=each(lambda row, given: give(request, row, given)),
            form_class=GiveForm,
        )

    @admin.action(description=_("Reset requests"), permissions=["reset"])
    def reset_selected(
        self, request: HttpRequest, queryset: QuerySet[UserSubscription]
    ) -> HttpResponse | None:
        return act_on_rows(
            self,
            request,
            chosen(queryset),
            title=_("Set today's requests of these users to 0?"),
            confirm=_("Reset"),
            run=each(lambda row, given: _reset(request, row, given)),
            presets=ResettingReason,
        )

    @admin.action(description=_("Give access to all of these (campaign)"), permissions=["campaign"])
    def start_campaign(self, request: HttpRequest, queryset: QuerySet[UserSubscription]) -> HttpResponse:
        users = User.objects.filter(pk__in=queryset.order_by().values("user_id"))
        return start_campaign(self, request, users)

    def has_give_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, "subscriptions.grant_access")

    def has_give_to_many_permission(self, request: HttpRequest) -> bool:
        return self.has_give_permission(request) and may(request, "subscriptions.grant_freely")

    def has_reset_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, "subscriptions.reset_requests")

    def has_campaign_permission(self, request: HttpRequest) -> bool:
        return may(request, "subscriptions.add_campaign")


@admin.register(Grant)
class GrantAdmin(ExportPages, UserFactsAdmin):
    """The facts that access rests on."""

    list_display = ("show_user", "show_tier", "show_duration", "source", "show_given", "show_state", "actor")
    export_columns = GRANTS
    list_filter = (PeriodFilter, "source", "tier")
    list_filter_sheet = False
    list_select_related = ("user", "actor")
    ordering = ("-created_at", "id")
    actions = ("revoke_selected",)
    sortable_by = ("show_given",)
    actions_detail = ("revoke",)
    version_fields = (
        "revoked_at",
        "user__subscription__tier",
        "user__subscription__expires_at",
        "user__subscription__next_tier",
        "user__subscription__next_expires_at",
    )
    fieldsets = (
        (None, {"fields": (("show_user", "tier_label"), ("starts_at", "show_duration"), "state_label")}),
        (_("Why"), {"fields": (("source", "actor"), "reason", ("referral", "request_id"))}),
        (_("Revocation"), {"fields": (("revoked_at", "revoked_by"), "show_revoke_reason")}),
    )
    readonly_fields = ("show_user", "tier_label", "show_duration", "state_label", "show_revoke_reason")

    @display(description=_("Tier"), label=TIER_COLOURS)
    def show_tier(self, grant: Grant) -> tuple[str, Any]:
        return grant.tier, SubscriptionTier(grant.tier).label

    @display(description=_("For"))
    def show_duration(self, grant: Grant) -> str:
        if grant.duration is None:
            return str(_("ever"))
        return length(grant.duration)

    @display(description=_("Given"), ordering="created_at")
    def show_given(self, grant: Grant) -> str:
        return moment(grant.created_at)

    @display(description=_("Tier"))
    def tier_label(self, grant: Grant) -> str:
        return label(self.show_tier(grant), TIER_COLOURS)

    @display(description=_("why revoked"))
    def show_revoke_reason(self, grant: Grant) -> str:
        return why(grant.revoke_reason, grant.revoked_by_id) or EMPTY

    @display(description=_("State"))
    def state_label(self, grant: Grant) -> str:
        return label(self.show_state(grant), GRANT_COLOURS)

    @display(description=_("State"), label=GRANT_COLOURS)
    def show_state(self, grant: Grant) -> tuple[str, Any]:
        return ("revoked", _("revoked")) if grant.revoked_at else ("live", COUNTS)

    @action(description=_("Revoke"), icon="undo", variant=ActionVariant.DANGER, permissions=["revoke"])
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Model]:
            return [_revoke(request, row, given)]

        title = _("Revoke this grant? It will count as if it had never been made.")
        return act(self, request, row, title=title, confirm=_("Revoke"), run=run, presets=RevokingReason)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[Grant]) -> HttpResponse | None:
        return act_on_rows(
            self,
            request,
            chosen(queryset),
            title=_("Revoke these grants? They will count as if they had never been made."),
            confirm=_("Revoke"),
            run=each(lambda row, given: _revoke(request, row, given)),
            presets=RevokingReason,
        )

    def has_revoke_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not may(request, "subscriptions.revoke_grant"):
            return False
        grant = self.get_object(request, object_id) if object_id else None
        return grant is None or request.method == "POST" or grant.revoked_at is None


def _reset(request: HttpRequest, row: UserSubscription, given: Given) -> UserSubscription | None:
    return repository.reset_request_count.blocking(row.user_id, actor=staff(request), reason=given["reason"])


def _revoke(request: HttpRequest, grant: Grant, given: Given) -> Grant:
    return repository.revoke_grant.blocking(grant.pk, actor=staff(request), reason=given["reason"])
