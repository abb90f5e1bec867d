"""Building blocks of the admin's pages: rows go through repositories, actions ask for a reason."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from faceitbot.core.audit import history
from faceitbot.core.audited_writes import AuditedWrites
from faceitbot.core.errors import FaceitBotError
from faceitbot.core.lists.change_list import StaffChangeList
from faceitbot.core.lists.counting import Aggregates, CountingPaginator
from faceitbot.core.refusals import sentence
from faceitbot.core.repository import BaseRepository

M = TypeVar("M", bound=Model)


class StaffPages(ModelAdmin):
    """What all pages have in common: lists that stay fast when they grow long, and what actions ask for."""

    paginator = CountingPaginator
    show_full_result_count = False
    list_per_page = 50
    sortable_by: Sequence[str] = ()  # those columns whose order is that of an index
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

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[StaffChangeList]:
        return StaffChangeList

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> CountingPaginator:
        found: CountingPaginator = super().get_paginator(request, queryset, *args, **kwargs)
        if queryset.model is self.model:  # a row's history has pages, too
            found.totals = self.list_totals
        return found


class FreshForm(forms.ModelForm):
    """Writes what the staff member changed, and refuses what somebody else changed since the page opened.

    The page carries the values that it was opened with, so an old page does not bring old values back.
    """

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in self.changed_data if self.instance.pk else ():
            opened_with, field = self[name].html_initial_name, self.fields[name]
            if opened_with not in self.data:
                continue
            stored = self.get_initial_for_field(field, name)
            if field.has_changed(stored, self.data[opened_with]):
                text = _("Somebody has changed this meanwhile to “%(stored)s”. Open the page again.")
                self.add_error(name, forms.ValidationError(text, "stale", {"stored": stored}))
        return cleaned


class AuditedPages(StaffPages):
    """Pages that show what staff did to a row."""

    change_form_outer_after_template: str | None = "admin/core/history.html"

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Give what the templates of a row's page want besides."""
        return {"audit_entries": history(row), "subtitle": self.name_of(row)}

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


class RepositoryWrites(AuditedPages, Generic[M]):
    """Pages whose forms write through a repository, as the bot does."""

    repository: BaseRepository[M]
    form: ClassVar[type[forms.ModelForm]] = FreshForm

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.show_hidden_initial = True
        return field

    def save_model(self, request: HttpRequest, obj: M, form: "forms.ModelForm[M]", change: bool) -> None:
        if change:
            values = {name: form.cleaned_data[name] for name in form.changed_data}
            saved = self.repository.update.blocking(obj.pk, values)
        else:
            saved = self.repository.create.blocking(form.cleaned_data)
        if saved is not None:
            obj.__dict__.update(saved.__dict__)

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        self.repository.delete.blocking(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        self.repository.delete_batch.blocking(queryset.values_list("pk", flat=True))

    def get_deleted_objects(
        self, objs: Sequence[M] | QuerySet[M], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the rows alone: to load all that goes with them would take as long as there is much of it."""
        names = [self.name_of(row) for row in objs]
        return names, {str(self.opts.verbose_name_plural): len(names)}, set(), []

    # ---- What the repository refuses is said on the page, where Django would show an error page.

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        view = super().changeform_view
        return self._with_refusals(request, lambda: view(request, object_id, form_url, extra_context))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = super().delete_view
        return self._with_refusals(request, lambda: view(request, object_id, extra_context))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = super().changelist_view
        return self._with_refusals(request, lambda: view(request, extra_context))

    def _with_refusals(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            return view()
        except FaceitBotError as error:
            if request.method == "GET":
                raise  # nothing was refused: the page itself cannot be shown
            self.message_user(request, sentence(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class RepositoryAdmin(AuditedWrites, RepositoryWrites[M]):
    """Pages of a model whose writes go through its repository, and into the audit log."""


class ReadOnlyAdmin(StaffPages):
    """Pages that show rows which nobody adds, changes or deletes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
