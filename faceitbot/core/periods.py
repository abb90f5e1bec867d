"""The filter by time, in days and months of `BOT_TIME_ZONE`; an index of the column serves it."""

from datetime import date, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock

PERIODS = {
    "today": _("today"),
    "yesterday": _("yesterday"),
    "week": _("last 7 days"),
    "month": _("last 30 days"),
    "quarter": _("last 90 days"),
    "this_month": _("this month"),
    "last_month": _("last month"),
}
UP_TO_TODAY = {"today": 1, "week": 7, "month": 30, "quarter": 90}


def days_of(period: str, today: date) -> tuple[date, date]:
    """Give the first day of a period and the day after its last."""
    tomorrow, first = today + timedelta(days=1), today.replace(day=1)
    match period:
        case "yesterday":
            return today - timedelta(days=1), today
        case "this_month":
            return first, tomorrow
        case "last_month":
            return (first - timedelta(days=1)).replace(day=1), first
    return tomorrow - timedelta(days=UP_TO_TODAY[period]), tomorrow


class PeriodFilter(SimpleListFilter):
    """When a row was made; what does not count in days has a filter of its own."""

    title = _("period")
    parameter_name = "period"
    column = "created_at"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return list(PERIODS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in PERIODS:
            return queryset
        first, end = days_of(str(self.value()), clock.today())
        within = {
            f"{self.column}__gte": clock.start_of_day(first),
            f"{self.column}__lt": clock.start_of_day(end),
        }
        return queryset.filter(**within)


class MomentFilter(PeriodFilter):
    """The same of rows that say `at`."""

    column = "at"
