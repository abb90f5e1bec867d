"""Pages about bot users."""

import json
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.core.staff import RepositoryAdmin, act_with_reason
from faceitbot.core.text import find_hostile_character
from users.filters import ActivityFilter, FaceitFilter, LanguageFilter, StateFilter
from users.models import User
from users.repositories import UserRepository

ACTIVITY_DAYS = 30


@admin.register(User)
class UserAdmin(RepositoryAdmin[User]):
    """Find a user, see what he does, block him."""

    repository = UserRepository()
    list_display = (
        "show_telegram_id",
        "show_nickname",
        "show_state",
        "language",
        "show_requests",
        "last_active_at",
        "created_at",
    )
    list_filter = (StateFilter, FaceitFilter, ActivityFilter, LanguageFilter)
    list_filter_sheet = False
    search_fields = ("telegram_id",)
    search_help_text = _("Telegram id, FACEIT nickname or FACEIT id.")
    ordering = (F("last_active_at").desc(nulls_last=True), "id")
    actions = ("block_selected", "unblock_selected")
    actions_detail = ("block", "unblock")
    change_form_outer_before_template = "admin/users/activity.html"
    readonly_fields = (
        "id",
        "total_requests",
        "created_at",
        "updated_at",
        "last_active_at",
        "blocked_at",
        "bot_blocked_at",
        "erased_at",
    )
    fieldsets = (
        (None, {"fields": (("telegram_id", "language"), ("notifications_enabled", "waiting_for_nickname"))}),
        (_("FACEIT"), {"fields": (("faceit_nickname", "faceit_player_id"), "last_checked_match_id")}),
        (_("Activity"), {"fields": (("total_requests", "last_active_at"), ("created_at", "updated_at"))}),
        (_("State"), {"fields": (("blocked_at", "bot_blocked_at"), ("erased_at", "id"))}),
    )
    add_fieldsets = (
        (None, {"fields": (("telegram_id", "language"),)}),
        (_("FACEIT"), {"fields": (("faceit_nickname", "faceit_player_id"),)}),
    )

    # ---- The list

    @display(description=_("Telegram id"), ordering="telegram_id")
    def show_telegram_id(self, user: User) -> str:
        return format_html('<span class="font-mono">{}</span>', user.telegram_id or "—")

    @display(description=_("FACEIT nickname"))
    def show_nickname(self, user: User) -> str:
        return user.faceit_nickname or "—"

    @display(
        description=_("State"),
        label={"active": "success", "blocked": "danger", "stopped": "warning", "erased": "info"},
    )
    def show_state(self, user: User) -> tuple[str, Any]:
        if user.erased_at:
            return "erased", _("erased")
        if user.blocked_at:
            return "blocked", _("blocked")
        if user.bot_blocked_at:
            return "stopped", _("stopped the bot")
        return "active", _("active")

    @display(description=_("Requests"), ordering="total_requests")
    def show_requests(self, user: User) -> str:
        digits = f"{user.total_requests:,}".replace(",", "\u202f")
        return format_html('<span class="block text-right font-mono">{}</span>', digits)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Search by what staff paste, on conditions that the indexes serve."""
        term = search_term.strip().removeprefix("@")
        if not term:
            return queryset, False
        if find_hostile_character(term):
            return queryset.none(), False
        if term.isascii() and term.isdigit():
            return queryset.filter(telegram_id=min(int(term), TELEGRAM_ID_MAX + 1)), False
        if _is_uuid(term):
            return queryset.filter(Q(faceit_player_id=term) | Q(pk=term)), False
        nicknames = User.objects.nickname_contains(term).values("pk")
        return queryset.filter(Q(faceit_player_id=term) | Q(pk__in=nicknames)), False

    # ---- One user

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Sequence[str]:
        return (*self.readonly_fields, "telegram_id") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        return {"language": "ru"}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {}), "activity_days": ACTIVITY_DAYS, "activity": _chart(object_id)}
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

    # ---- Actions

    @action(description=_("Block"), icon="block", variant=ActionVariant.DANGER, permissions=["change"])
    def block(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act_on_one(request, object_id, blocking=True)

    @action(description=_("Unblock"), icon="lock_open", permissions=["change"])
    def unblock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act_on_one(request, object_id, blocking=False)

    @admin.action(description=_("Block"), permissions=["change"])
    def block_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._act(request, list(queryset), blocking=True)

    @admin.action(description=_("Unblock"), permissions=["change"])
    def unblock_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._act(request, list(queryset), blocking=False)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Offer the one of the two actions that changes something."""
        user = self.get_object(request, object_id)
        offered = "unblock" if user and user.is_blocked else "block"
        actions = super().get_actions_detail(request, object_id)
        return [found for found in actions if found.path == offered and user and not user.erased_at]

    def _act_on_one(self, request: HttpRequest, object_id: str, *, blocking: bool) -> HttpResponse:
        user = self.get_object(request, object_id)
        answer = self._act(request, [user] if user else [], blocking=blocking)
        return answer or HttpResponseRedirect(reverse("admin:users_user_change", args=[object_id]))

    def _act(self, request: HttpRequest, users: Sequence[User], *, blocking: bool) -> HttpResponse | None:
        method = self.repository.block_users if blocking else self.repository.unblock_users
        telegram_ids = [user.telegram_id for user in users if user.telegram_id]

        def run(reason: str) -> list[User]:
            return method.blocking(telegram_ids, actor=cast("AbstractBaseUser", request.user), reason=reason)

        title = _("Block these users?") if blocking else _("Unblock these users?")
        return act_with_reason(self, request, users, title=title, run=run)


def _is_uuid(term: str) -> bool:
    try:
        UUID(term)
    except ValueError:
        return False
    return True


def _chart(object_id: str) -> str:
    """Give the bar chart of a user's requests a day, as unfold's chart wants it; "" without any."""
    if not _is_uuid(object_id):
        return ""
    days = UserRepository().get_activity_by_day.blocking(UUID(object_id), ACTIVITY_DAYS)
    if not any(requests for _day, requests in days):
        return ""
    return json.dumps(
        {
            "labels": [date_format(day, "j M") for day, _requests in days],
            "datasets": [
                {
                    "label": str(_("Requests")),
                    "data": [requests for _day, requests in days],
                    "backgroundColor": "var(--color-primary-600)",
                }
            ],
        }
    )
