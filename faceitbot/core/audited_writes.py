"""What staff write by hand on a page - add, change, delete - goes into the audit log as their actions do."""

from copy import copy
from datetime import date, datetime
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from faceitbot.core import audit, personal

ADDED = audit.action("row.added", _("Added"))
CHANGED = audit.action("row.changed", _("Changed"))
DELETED = audit.action("row.deleted", _("Deleted"))


class AuditedWrites(ModelAdmin):
    """Pages whose forms write one entry for each row, in the transaction that writes the row."""

    # Columns that the log never holds, whatever they say.
    secret: frozenset[str] = frozenset({"password"})

    def save_related(self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        was = {name: _json(form.initial.get(name)) for name in form.cleaned_data} if change else {}
        given = {name: _json(value) for name, value in form.cleaned_data.items()}
        # A form that is sent twice writes what is stored.
        names = [name for name in form.changed_data if was[name] != given[name]] if change else list(given)
        if change and not names:
            return
        before = {name: self._kept(name, was[name], audit.NOT_KEPT) for name in names if change}
        after = {name: self._kept(name, given[name], audit.WRITTEN) for name in names}
        self._record(request, CHANGED if change else ADDED, [audit.Change(form.instance, before, after)])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        gone = copy(obj)
        super().delete_model(request, obj)
        self._record(request, DELETED, [audit.Change(gone, {}, {})])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            changes = [audit.Change(row, {}, {}) for row in queryset]
            super().delete_queryset(request, queryset)
            self._record(request, DELETED, changes)

    def _record(self, request: HttpRequest, action: audit.ActionName, changes: list[audit.Change]) -> None:
        audit.record(action, changes, actor=cast("AbstractBaseUser", request.user))

    def _kept(self, name: str, value: Any, instead: str) -> Any:
        """Give a value, or what stands for it in the log."""
        table = next((table for table in personal.tables() if table.model is self.model), None)
        if name in self.secret or (table and name not in (*table.kept, *table.impersonal)):
            return instead
        return value


def _json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | QuerySet):
        return sorted(str(part) for part in value)
    return str(value.pk if isinstance(value, Model) else value)
