"""Building blocks of the admin's pages: rows go through repositories, actions ask for a reason."""

from typing import Any, ClassVar

from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from faceitbot.core.audit import history
from faceitbot.core.display import EMPTY
from faceitbot.core.lists.change_list import StaffChangeList
from faceitbot.core.lists.counting import Aggregates, CountingPaginator


class StaffPages(ModelAdmin):
    """What all pages have in common: lists that stay fast when they grow long, and what actions ask for."""

    paginator: type = CountingPaginator
    show_full_result_count = False
    empty_value_display: str | None = EMPTY
    list_per_page = 50
    # Those columns whose order is that of an index.
    sortable_by: ClassVar[list[str] | tuple[str, ...] | None] = ()
    list_totals: Aggregates = {}  # what stands above the list, of all its rows
    # What a decision about a row rests on: an action is refused when one of these columns has changed since
    # its form was opened. Those of related rows by their path; none that a user's requests move.
    version_fields: tuple[str, ...] = ()

    def name_of(self, row: Any) -> str:
        """Give what staff call a row; it may hold personal data, which `str(row)` must not."""
        return str(row)

    def lock_key(self, row: Any) -> str:
        """Give what forms about this row and its like queue up for: one of them acts at a time."""
        return f"{row._meta.label_lower} {row.pk}"

    def related_rows(self, row: Any) -> list[Model]:
        """Give the rows whose audit entries tell what has become of a row."""
        return [row]

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Give what the templates of a row's page want besides.

        The page bears the name of its kind, for Django's "View %s" would need it in another case.
        """
        return {"title": capfirst(self.opts.verbose_name), "subtitle": self.name_of(row)}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id)) if object_id else None
        context = dict(extra_context or {})
        if row:
            context |= self.page_context(request, row)
        answer: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return answer

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[StaffChangeList]:
        return StaffChangeList

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> CountingPaginator:
        found: CountingPaginator = super().get_paginator(request, queryset, *args, **kwargs)
        if queryset.model is self.model:  # a row's history has pages, too
            found.totals = self.list_totals
        return found


class AuditedPages(StaffPages):
    """Pages that show what staff did to a row."""

    change_form_outer_after_template: str | None = "admin/core/history.html"

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {**super().page_context(request, row), "audit_entries": history(row)}


class ReadOnlyAdmin(StaffPages):
    """Pages that show rows which nobody adds, changes or deletes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
