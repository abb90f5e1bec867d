"""What the pages about users' subscriptions have in common."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.models import User as StaffAccount
from django.db.models import Model, Q, QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.utils import display_for_label
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from faceitbot.core.acting import Given, act_with_reason
from faceitbot.core.display import EMPTY
from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.core.reasons import ActionForm, ReasonForm
from faceitbot.core.staff import AuditedPages, ReadOnlyAdmin, StaffPages
from faceitbot.core.text import find_hostile_character
from users.models import User

MOST_NAMESAKES = 100
COUNTS = pgettext_lazy("state", "counts")
TIER_COLOURS = {"free": "info", "premium": "warning", "pro": "success"}


class UserFactsAdmin(AuditedPages, ReadOnlyAdmin):
    """Pages of rows that belong to a user, found by what staff know of him."""

    user_path = "user"
    search_fields = ("user__telegram_id",)
    search_help_text = _("Telegram id, FACEIT nickname, or our id of the user.")
    list_select_related: tuple[str, ...] = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # A row's page names its user several times, as the list does.
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(*self.list_select_related)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Read a row once for each request: its page, its actions and their permissions all ask for it."""
        known = request.__dict__.setdefault("staff_rows", {})
        if object_id not in known:
            known[object_id] = super().get_object(request, object_id, from_field)
        return known[object_id]

    def name_of(self, row: Any) -> str:
        return name_of(getattr(row, self.user_path))

    def lock_key(self, row: Any) -> str:
        """Give the user: what is done to one of his rows changes what the others mean."""
        return str(getattr(row, f"{self.user_path}_id") or row.pk)

    def related_rows(self, row: Any) -> list[Model]:
        user = getattr(row, self.user_path)
        subscription = getattr(user, "subscription", None)
        return [found for found in (row, user, subscription) if found is not None]

    @display(description=_("User"))
    def show_user(self, row: Any) -> str:
        return name_of(row.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().removeprefix("@")
        if not term:
            return queryset, False
        if find_hostile_character(term):
            return queryset.none(), False
        return queryset.filter(self.condition(term)), False

    def condition(self, term: str) -> Q:
        """Give what a search finds, on conditions that indexes serve."""
        return Q(**{f"{self.user_path}__in": users_like(term)})


class TelegramIdField(forms.IntegerField):
    """A Telegram id, which gives the user who has it."""

    widget = UnfoldAdminIntegerFieldWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=TELEGRAM_ID_MAX, **options)

    def clean(self, value: Any) -> User | None:
        telegram_id = super().clean(value)
        user = User.objects.filter(telegram_id=telegram_id).first() if telegram_id else None
        if telegram_id and user is None:
            raise forms.ValidationError(_("There is no such user."))
        return user


def act(
    page: StaffPages,
    request: HttpRequest,
    row: Model | None,
    *,
    title: object,
    confirm: object,
    run: Callable[[Given], Sequence[Any]],
    form_class: type[ActionForm] = ReasonForm,
    presets: type[TextChoices] | None = None,
) -> HttpResponse:
    """Ask for the reason of an action on a row, run it, and lead back to the row."""
    if row is None:
        page.message_user(request, str(_("There is no such row.")), messages.ERROR)
        return back_to_list(page)
    answer = act_with_reason(
        page, request, [row], title=title, confirm=confirm, run=run, form_class=form_class, presets=presets
    )
    if answer:
        return answer
    meta = page.model._meta
    return HttpResponseRedirect(reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]))


def back_to_list(page: ModelAdmin) -> HttpResponse:
    """Lead back to the list of a page's rows."""
    meta = page.model._meta
    return HttpResponseRedirect(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))


def label(state: tuple[str, Any], colours: Mapping[str, str]) -> str:
    """Give a coloured label, as lists make them of such a pair themselves."""
    return SafeString(display_for_label(state, EMPTY, colours))


def name_of(user: Any) -> str:
    known = " · ".join(str(part) for part in (user.telegram_id, user.faceit_nickname) if part)
    return known or str(user)


def users_like(term: str) -> list[uuid.UUID]:
    """Give the ids of the users whom a search means: by Telegram id, our id, or nickname.

    Looked up first: a condition on ids that stand in it is served by an index, one across tables by none.
    """
    if term.isascii() and term.isdigit():
        found = User.objects.filter(telegram_id=min(int(term), TELEGRAM_ID_MAX + 1))
    elif key := _uuid(term):
        return [key]
    else:
        found = User.objects.nickname_is(term)
    return list(found.values_list("pk", flat=True)[:MOST_NAMESAKES])


def key_is(term: str) -> Q:
    """Give the condition that finds the row whose own id was pasted."""
    key = _uuid(term)
    return Q(pk=key) if key else Q(pk__in=[])


def _uuid(term: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(term)
    except ValueError:
        return None


def may(request: HttpRequest, permission: str) -> bool:
    return cast("StaffAccount", request.user).has_perm(permission)


def staff(request: HttpRequest) -> AbstractBaseUser:
    return cast("AbstractBaseUser", request.user)
