"""Filters of the lists about matches; each choice has an index in the list's order."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.display import EMPTY
from faceitbot.core.lists.values import values_of
from faceitbot.core.periods import PeriodFilter
from matches.models import MatchAnalysis

MOST_CHOICES = 50


class AnalysedFilter(PeriodFilter):
    """When the analysis was made."""

    title = _("analysed")
    parameter_name = "analysed"
    column = "analysed_at"


class ValueFilter(SimpleListFilter):
    """A filter whose choices are what a column of the analyses holds."""

    column = ""

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return [
            (value or EMPTY, value or EMPTY) for value in values_of(MatchAnalysis, self.column, MOST_CHOICES)
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = dict(self.lookup_choices)
        if self.value() not in known:
            return queryset
        return queryset.filter(**{self.column: "" if self.value() == EMPTY else self.value()})


class MapFilter(ValueFilter):
    """On which map it was played."""

    title = _("map")
    parameter_name = "map"
    column = "map_name"


class GameFilter(ValueFilter):
    """Which game it was."""

    title = _("game")
    parameter_name = "game"
    column = "game"


class GoodFilter(SimpleListFilter):
    """Whether what is stored is good still."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return [("good", _("good")), ("expired", _("past its time"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "good":
                return queryset.filter(expires_at__gt=clock.now())
            case "expired":
                return queryset.filter(expires_at__lte=clock.now())
        return queryset
