"""Filters of the audit log, each served by an index."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit
from faceitbot.core.ids import typed_id
from faceitbot.core.models import AuditEntry

SYSTEM = "system"


class ActorFilter(SimpleListFilter):
    """Who did it."""

    title = _("actor")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        accounts = User.objects.filter(is_staff=True).order_by("username")
        return [
            (SYSTEM, _("system")),
            *((str(key), name) for key, name in accounts.values_list("pk", "username")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        match self.value():
            case "system":
                return queryset.filter(actor=None)
            case str(key) if (actor := typed_id(key)) is not None:
                return queryset.filter(actor_id=min(actor, 2**31 - 1))
        return queryset


class ActionFilter(SimpleListFilter):
    """What was done."""

    title = _("action")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return sorted(audit.actions().items(), key=lambda named: str(named[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(action=self.value()) if self.value() in audit.actions() else queryset


class ObjectFilter(SimpleListFilter):
    """To what kind of thing it was done."""

    title = _("object")
    parameter_name = "thing"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        # What has pages; the log itself cannot be acted upon.
        models = (model._meta for model in admin.site._registry if model is not AuditEntry)  # noqa: SLF001 - no other way to ask
        return sorted((meta.label_lower, capfirst(str(meta.verbose_name))) for meta in models)

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        known = dict(self.lookup_choices)
        return queryset.filter(object_label=self.value()) if self.value() in known else queryset
