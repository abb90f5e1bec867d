"""The audit log."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core import audit
from faceitbot.core.audit_filters import ActionFilter, ActorFilter, ObjectFilter
from faceitbot.core.display import EMPTY, copyable, moment, why
from faceitbot.core.exports.columns import Column, text
from faceitbot.core.exports.pages import ExportPages
from faceitbot.core.models import AuditEntry
from faceitbot.core.periods import MomentFilter
from faceitbot.core.readable import changes_in_words, changes_of, kind_of, object_of
from faceitbot.core.staff import ReadOnlyAdmin
from faceitbot.core.text import find_hostile_character


def _of(*names: str) -> Callable[[], JSONObject]:
    """Give several columns as one value, of which a cell of an export makes words."""
    return lambda: JSONObject(**{name: F(name) for name in names})


def _actor(name: Any) -> str:
    return str(name or _("system"))


def _object(values: Any) -> str:
    return kind_of(AuditEntry(**values))


def _reason(values: Any) -> str:
    return why(values["reason"], values["actor_id"])


def _changes(values: Any) -> str:
    return changes_in_words(AuditEntry(**values))


@admin.register(AuditEntry)
class AuditEntryAdmin(ExportPages, ReadOnlyAdmin):
    """Who did what, newest first."""

    list_display = ("show_at", "show_actor", "show_action", "show_object", "show_object_id", "show_reason")
    list_filter = (MomentFilter, ActorFilter, ActionFilter, ObjectFilter)
    list_select_related = ("actor",)
    export_columns = (
        Column("at"),
        Column("actor__username", _("actor"), _actor),
        Column("action", cell=audit.label_of_action),
        Column(_of("object_label", "object_id"), _("object"), _object),
        Column("object_id", cell=text),
        Column(_of("reason", "actor_id"), _("reason"), _reason),
        Column(_of("object_label", "before", "after"), _("what changed"), _changes),
        Column("correlation_id"),
    )
    sortable_by = ("show_at",)
    search_fields = ("object_id",)
    search_help_text = _("Object id, action or correlation id.")
    fieldsets = (
        (None, {"fields": (("at", "show_actor"), ("show_action", "show_reason"))}),
        (_("Object"), {"fields": (("show_object", "show_object_id"), "show_changes")}),
        (_("Request"), {"fields": ("show_correlation_id",)}),
    )
    readonly_fields = (
        "show_actor",
        "show_action",
        "show_reason",
        "show_object",
        "show_object_id",
        "show_changes",
        "show_correlation_id",
    )

    def name_of(self, row: AuditEntry) -> str:
        return f"{audit.label_of_action(row.action)} · {object_of(row)[0]}"

    @display(description=_("at"), ordering="at")
    def show_at(self, entry: AuditEntry) -> str:
        return moment(entry.at)

    @display(description=_("actor"))
    def show_actor(self, entry: AuditEntry) -> str:
        return _actor(entry.actor)

    @display(description=_("action"))
    def show_action(self, entry: AuditEntry) -> str:
        label = audit.label_of_action(entry.action)
        return format_html('<span title="{}">{}</span>', entry.action, label)

    @display(description=_("reason"))
    def show_reason(self, entry: AuditEntry) -> str:
        return why(entry.reason, entry.actor) or EMPTY

    @display(description=_("object"), ordering="object_label")
    def show_object(self, entry: AuditEntry) -> str:
        kind, page = object_of(entry)
        return format_html('<a class="text-link" href="{}">{}</a>', page, kind) if page else kind

    @display(description=_("what changed"))
    def show_changes(self, entry: AuditEntry) -> str:
        template = "admin/core/audit_changes.html"
        return render_to_string(template, {"changes": changes_of(entry)}) or EMPTY

    @display(description=_("object id"))
    def show_object_id(self, entry: AuditEntry) -> str:
        return copyable(entry.object_id)

    @display(description=_("correlation id"))
    def show_correlation_id(self, entry: AuditEntry) -> str:
        return copyable(entry.correlation_id)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if find_hostile_character(term):
            return queryset.none(), False
        # The index of objects begins with their kind.
        labels = [model._meta.label_lower for model in apps.get_models()]
        exact = Q(object_label__in=labels, object_id=term) | Q(action=term) | Q(correlation_id=term)
        return queryset.filter(exact), False
