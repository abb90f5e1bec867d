"""Building blocks of the admin's pages: rows go through repositories, actions ask for a reason."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from faceitbot.core.audit import MAX_REASON_LENGTH, history
from faceitbot.core.errors import FaceitBotError
from faceitbot.core.fields import validate_plain_text
from faceitbot.core.repository import BaseRepository

M = TypeVar("M", bound=Model)


class RepositoryAdmin(ModelAdmin, Generic[M]):
    """Pages of a model whose writes go through its repository, as the bot's do."""

    repository: BaseRepository[M]
    show_full_result_count = False
    change_form_outer_after_template = "admin/core/history.html"

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

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Say what the repository refuses, where Django would show an error page."""
        row = self.get_object(request, object_id) if object_id and request.method == "GET" else None
        context = {**(extra_context or {}), "audit_entries": history(row) if row else []}
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        except FaceitBotError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return answer


class ReadOnlyAdmin(ModelAdmin):
    """Pages that show rows which nobody adds, changes or deletes by hand."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReasonForm(forms.Form):
    """Why the staff member does it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON_LENGTH,
        validators=[validate_plain_text],
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
        help_text=_("Kept in the audit log."),
    )


def act_with_reason(
    page: ModelAdmin,
    request: HttpRequest,
    rows: Sequence[Model],
    *,
    title: object,
    run: Callable[[str], Sequence[Model]],
) -> HttpResponse | None:
    """Ask for the reason of an action on rows, then run it; None when it has been run.

    `run` takes the reason, calls one repository method, and gives the rows that it changed.
    """
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if not form.is_valid():
        context = {
            **page.admin_site.each_context(request),
            "title": title,
            "opts": page.model._meta,
            "form": form,
            "rows": rows[:10],
            "more": max(0, len(rows) - 10),
            "hidden": [
                (name, value)
                for name in ("action", "select_across", "index", ACTION_CHECKBOX_NAME)
                for value in request.POST.getlist(name)
            ],
        }
        return TemplateResponse(request, "admin/core/reason.html", context)
    try:
        done = len(run(form.cleaned_data["reason"]))
    except FaceitBotError as error:
        page.message_user(request, str(error), messages.ERROR)
        return None
    page.message_user(request, ngettext("%d done.", "%d done.", done) % done, messages.SUCCESS)
    unchanged = len(rows) - done
    if unchanged:
        text = ngettext("%d was so already.", "%d were so already.", unchanged) % unchanged
        page.message_user(request, text, messages.WARNING)
    return None
