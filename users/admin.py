"""Pages about bot users."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.models import User as StaffAccount
from django.db.models import F, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from faceitbot.core.acting import Given, act_on_rows, act_with_reason, chosen
from faceitbot.core.display import EMPTY, code, digits, moment
from faceitbot.core.exports.columns import Column, text
from faceitbot.core.exports.pages import ExportPages
from faceitbot.core.ids import typed_id
from faceitbot.core.repository_admin import RepositoryAdmin
from faceitbot.core.text import find_hostile_character
from users.filters import ActivityFilter, FaceitFilter, LanguageFilter, RegistrationFilter, StateFilter
from users.models import User, UserNote
from users.querysets import UserQuerySet, nickname_like
from users.reasons import BlockingReason, UnblockingReason
from users.repositories import UserRepository
from users.writing import NoteForm

STATE_COLOURS = {"active": "success", "blocked": "danger", "stopped": "warning", "erased": "info"}


class UserAdmin(ExportPages, RepositoryAdmin[User]):
    """Find users, change what may be changed, block them; the page of one is made above all domains."""

    repository = UserRepository()
    list_display = (
        "show_telegram_id",
        "show_nickname",
        "show_state",
        "language",
        "number_requests",
        "show_last_active",
        "show_registered",
    )
    export_columns = (
        Column("id", _("id")),
        Column("telegram_id", cell=text),
        Column("faceit_nickname"),
        Column("faceit_player_id"),
        Column("language"),
        Column("notifications_enabled"),
        Column("total_requests"),
        Column("created_at"),
        Column("last_active_at"),
        Column("blocked_at"),
        Column("bot_blocked_at"),
        Column("erased_at"),
    )
    list_filter = (StateFilter, FaceitFilter, ActivityFilter, RegistrationFilter, LanguageFilter)
    list_filter_sheet = False
    sortable_by = ("show_telegram_id", "number_requests", "show_last_active", "show_registered")
    search_fields = ("telegram_id",)
    search_help_text = _("Telegram id, FACEIT nickname or FACEIT id.")
    ordering = (F("last_active_at").desc(nulls_last=True), "id")
    actions: tuple[str, ...] = ("block_selected", "unblock_selected")
    actions_detail = ("note", "block", "unblock")
    version_fields = ("blocked_at", "erased_at")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("faceit_nickname", "language"),
                    "faceit_player_id",  # a line of its own: 36 characters
                    ("notifications_enabled", "waiting_for_nickname"),
                    "last_checked_match_id",
                )
            },
        ),
    )
    add_fieldsets = (
        (None, {"fields": (("telegram_id", "language"),)}),
        (_("FACEIT"), {"fields": (("faceit_nickname", "faceit_player_id"),)}),
    )

    def name_of(self, row: User) -> str:
        return " · ".join(str(part) for part in (row.telegram_id or row, row.faceit_nickname) if part)

    # ---- The list

    @display(description=_("Telegram id"), ordering="telegram_id")
    def show_telegram_id(self, user: User) -> str:
        return code(user.telegram_id)

    @display(description=_("FACEIT nickname"))
    def show_nickname(self, user: User) -> str:
        return user.faceit_nickname or EMPTY

    @display(description=_("State"), label=STATE_COLOURS)
    def show_state(self, user: User) -> tuple[str, Any]:
        return state_of(user)

    @display(description=_("Requests"), ordering="total_requests")
    def number_requests(self, user: User) -> str:
        return digits(user.total_requests)

    @display(description=_("Last active"), ordering=F("last_active_at").asc(nulls_first=True))
    def show_last_active(self, user: User) -> str:
        return moment(user.last_active_at)

    @display(description=_("Registered"), ordering="created_at")
    def show_registered(self, user: User) -> str:
        return moment(user.created_at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Search by what staff paste, on conditions that the indexes serve."""
        term = search_term.strip().removeprefix("@")
        if not term:
            return queryset, False
        if find_hostile_character(term):
            return queryset.none(), False
        if (telegram_id := typed_id(term)) is not None:
            return queryset.filter(telegram_id=telegram_id), False
        if _is_uuid(term):
            return queryset.filter(Q(faceit_player_id=term) | Q(pk=term)), False
        found = Q(faceit_player_id=term) | nickname_like(term)
        return cast("UserQuerySet", queryset).with_lower_nickname().filter(found), False

    # ---- One user

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        texts = {"telegram_id": _("The number by which Telegram knows the person.")}
        form: type[ModelForm] = super().get_form(request, obj, change, help_texts=texts, **kwargs)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        return {"language": "ru"}

    # ---- Actions

    @action(description=_("Block"), icon="block", variant=ActionVariant.DANGER, permissions=["block"])
    def block(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act_on_one(request, object_id, blocking=True)

    @action(description=_("Unblock"), icon="lock_open", permissions=["block"])
    def unblock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act_on_one(request, object_id, blocking=False)

    @action(description=_("Write a note"), icon="sticky_note_2", permissions=["note"])
    def note(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.get_object(request, object_id)

        def run(given: Given) -> list[UserNote]:
            actor = cast("AbstractBaseUser", request.user)
            return [self.repository.add_note.blocking(user.pk, given["text"], actor=actor)] if user else []

        rows = [user] if user else []
        title, confirm = _("Write a note about this user"), _("Write")
        answer = act_with_reason(
            self, request, rows, title=title, confirm=confirm, run=run, form_class=NoteForm
        )
        return answer or HttpResponseRedirect(reverse("admin:users_user_change", args=[object_id]))

    def has_block_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return cast("StaffAccount", request.user).has_perm("users.block_user")

    def has_note_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return cast("StaffAccount", request.user).has_perm("users.add_usernote")

    @admin.action(description=_("Block"), permissions=["block"])
    def block_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._act(request, chosen(queryset), blocking=True)

    @admin.action(description=_("Unblock"), permissions=["block"])
    def unblock_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return self._act(request, chosen(queryset), blocking=False)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Offer what changes something: of blocking and unblocking, one; nothing about an erased person."""
        user = self.get_object(request, object_id)
        if user is None or user.erased_at:
            return []
        senseless = "block" if user.is_blocked else "unblock"
        actions = super().get_actions_detail(request, object_id)
        return [found for found in actions if found.path != senseless]

    def _act_on_one(self, request: HttpRequest, object_id: str, *, blocking: bool) -> HttpResponse:
        user = self.get_object(request, object_id)
        answer = self._act(request, [user] if user else [], blocking=blocking)
        return answer or HttpResponseRedirect(reverse("admin:users_user_change", args=[object_id]))

    def _act(self, request: HttpRequest, users: Sequence[User], *, blocking: bool) -> HttpResponse | None:
        method = self.repository.block_users if blocking else self.repository.unblock_users

        def run(given: Given, rows: Sequence[User]) -> list[User]:
            staff = cast("AbstractBaseUser", request.user)
            telegram_ids = [user.telegram_id for user in rows if user.telegram_id]
            return method.blocking(telegram_ids, actor=staff, reason=given["reason"])

        if len(users) == 1:
            title = _("Block this user?") if blocking else _("Unblock this user?")
        else:
            title = _("Block these users?") if blocking else _("Unblock these users?")
        confirm = _("Block") if blocking else _("Unblock")
        presets = BlockingReason if blocking else UnblockingReason
        return act_on_rows(self, request, users, title=title, confirm=confirm, run=run, presets=presets)


def state_of(user: User) -> tuple[str, Any]:
    if user.erased_at:
        return "erased", _("erased")
    if user.blocked_at:
        return "blocked", _("blocked")
    if user.bot_blocked_at:
        return "stopped", _("stopped the bot")
    return "active", _("active")


def _is_uuid(term: str) -> bool:
    try:
        UUID(term)
    except ValueError:
        return False
    return True
