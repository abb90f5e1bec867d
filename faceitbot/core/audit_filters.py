"""Filters of the audit log, each served by an index."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, clock
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
            case str(key) if key.isascii() and key.isdigit():
                return queryset.filter(actor_id=min(int(key), 2**31 - 1))
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


class PeriodFilter(SimpleListFilter):
    """When, in days of `BOT_TIME_ZONE`."""

    title = _("period")
    parameter_name = "period"
    # The first day and the day after the last, counted back from today.
    periods = {
        "today": (_("today"), 0, None),
        "yesterday": (_("yesterday"), 1, 0),
        "week": (_("last 7 days"), 6, None),
        "month": (_("last 30 days"), 29, None),
        "quarter": (_("last 90 days"), 89, None),
    }

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _first, _end) in self.periods.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        if self.value() not in self.periods:
            return queryset
        _label, first, end = self.periods[str(self.value())]
        rows = queryset.filter(at__gte=_days_ago(first))
        return rows if end is None else rows.filter(at__lt=_days_ago(end))


def _days_ago(days: int) -> datetime:
    return clock.start_of_day(clock.today() - timedelta(days=days))
