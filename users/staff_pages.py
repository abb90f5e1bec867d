"""Pages of rows that belong to a user, whichever app has them."""

import uuid
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core.ids import typed_id, typed_key
from faceitbot.core.staff import AuditedPages, ReadOnlyAdmin
from faceitbot.core.text import find_hostile_character
from users.models import User

MOST_NAMESAKES = 100


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


def name_of(user: Any) -> str:
    """Give what staff call a user: his Telegram id, and his nickname."""
    known = " · ".join(str(part) for part in (user.telegram_id, user.faceit_nickname) if part)
    return known or str(user)


def users_like(term: str) -> list[uuid.UUID]:
    """Give the ids of the users whom a search means: by Telegram id, our id, or nickname.

    Looked up first: a condition on ids that stand in it is served by an index, one across tables by none.
    """
    if (telegram_id := typed_id(term)) is not None:
        found = User.objects.filter(telegram_id=telegram_id)
    elif key := typed_key(term):
        return [key]
    else:
        found = User.objects.nickname_is(term)
    return list(found.values_list("pk", flat=True)[:MOST_NAMESAKES])


def key_is(term: str) -> Q:
    """Give the condition that finds the row whose own id was pasted."""
    key = typed_key(term)
    return Q(pk=key) if key else Q(pk__in=[])
