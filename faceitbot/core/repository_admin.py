"""Pages of a model whose rows staff write by hand: through its repository, and into the audit log."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from faceitbot.core.audited_writes import AuditedWrites
from faceitbot.core.errors import FaceitBotError
from faceitbot.core.fresh import FreshPages
from faceitbot.core.refusals import sentence
from faceitbot.core.repository import BaseRepository

M = TypeVar("M", bound=Model)


class RepositoryWrites(FreshPages, Generic[M]):
    """Pages whose forms write through a repository, as the bot does."""

    repository: BaseRepository[M]

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
