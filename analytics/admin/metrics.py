"""Business events, newest first."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from analytics.events import words_for
from analytics.models import Metric
from analytics.models.metrics import FAILED_REQUEST, USER
from faceitbot.core.display import EMPTY, code, decimal, moment
from faceitbot.core.ids import typed_key
from faceitbot.core.lists.values import values_of
from faceitbot.core.periods import PeriodFilter
from faceitbot.core.searching import FoundByText

MOST_NAMES = 200


class NameFilter(SimpleListFilter):
    """Which event it was."""

    title = _("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return [(name, words_for(name)) for name in values_of(Metric, "name", MOST_NAMES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(name=self.value()) if self.value() in dict(self.lookup_choices) else queryset


class ReportedFilter(PeriodFilter):
    """When it was reported."""

    title = _("reported")
    parameter_name = "reported"
    column = "timestamp"


@admin.register(Metric)
class MetricAdmin(FoundByText):
    """What the bot and the pages have reported."""

    list_display = ("show_at", "show_event", "show_name", "number_value", "show_tags")
    list_filter = (NameFilter, ReportedFilter)
    search_fields = ("name",)
    search_help_text = _("A part of an event's name, or the id of a user whose requests failed.")
    ordering = ("-timestamp", "id")
    sortable_by = ("show_at",)
    fieldsets = (
        (None, {"fields": (("show_event", "show_name"), ("show_value", "metric_type"), "show_at")}),
        (_("Details"), {"fields": ("show_tags", "show_period")}),
    )
    readonly_fields = (
        "show_event",
        "show_name",
        "show_value",
        "metric_type",
        "show_at",
        "show_tags",
        "show_period",
    )

    def name_of(self, row: Metric) -> str:
        return words_for(row.name)

    def searched(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        user = typed_key(term)
        if user is not None:
            return rows.filter(name=FAILED_REQUEST, tags__contains={USER: str(user)})
        # There are few names: those that are meant are found first, and their rows by the index.
        part = term.lower()
        names = [name for name in values_of(Metric, "name", MOST_NAMES) if part in name.lower()]
        return rows.filter(name__in=names)

    @display(description=_("at"), ordering="timestamp")
    def show_at(self, row: Metric) -> str:
        return moment(row.timestamp)

    @display(description=_("event"))
    def show_event(self, row: Metric) -> str:
        return words_for(row.name)

    @display(description=_("name"))
    def show_name(self, row: Metric) -> str:
        return code(row.name)

    @display(description=_("value"))
    def number_value(self, row: Metric) -> str:
        return decimal(row.value)

    @display(description=_("value"))
    def show_value(self, row: Metric) -> str:
        return decimal(row.value)

    @display(description=_("tags"))
    def show_tags(self, row: Metric) -> str:
        return code(", ".join(f"{key}: {value}" for key, value in row.tags.items()))

    @display(description=_("period"))
    def show_period(self, row: Metric) -> str:
        return row.period or EMPTY
