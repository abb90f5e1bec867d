"""Filters of the lists about players; each condition has an index or keeps many rows."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from faceitbot.core.periods import PeriodFilter
from stats.models.checks import DANGERS, LEVELS


class ChoiceFilter(SimpleListFilter):
    """A filter whose choices are conditions."""

    choices_offered: tuple[tuple[str, Any, Q], ...] = ()

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return [(name, label) for name, label, _condition in self.choices_offered]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for name, _label, condition in self.choices_offered:
            if self.value() == name:
                return queryset.filter(condition)
        return queryset


class GameFilter(ChoiceFilter):
    """The games whose statistics are kept."""

    title = _("game")
    parameter_name = "game"
    choices_offered = (("cs2", "CS2", Q(game="cs2")), ("csgo", "CS:GO", Q(game="csgo")))


class LevelFilter(ChoiceFilter):
    """FACEIT's skill level."""

    title = _("level")
    parameter_name = "level"
    choices_offered = tuple(
        (str(level), str(level), Q(skill_level=level)) for level in range(LEVELS[1], LEVELS[0] - 1, -1)
    )


class DangerFilter(ChoiceFilter):
    """How dangerous a player is to meet."""

    title = _("danger")
    parameter_name = "danger"
    choices_offered = tuple(
        (str(level), str(level), Q(danger_level=level)) for level in range(DANGERS[1], DANGERS[0] - 1, -1)
    )


class PlayedFilter(PeriodFilter):
    """When a match was played."""

    title = _("played")
    column = "played_at"


class OutcomeFilter(ChoiceFilter):
    """Whether a prediction has been scored."""

    title = _("state")
    parameter_name = "state"
    choices_offered = (
        ("open", _("awaited"), Q(settled_at__isnull=True)),
        ("scored", _("scored"), Q(winner__isnull=False)),
        ("void", _("cancelled"), Q(settled_at__isnull=False, winner__isnull=True)),
    )
