"""Filters of the list of bot users; each condition has an index or few rows."""

from datetime import datetime
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.periods import PERIODS, UP_TO_TODAY, PeriodFilter, days_of
from users.models import User


class ChoiceFilter(SimpleListFilter):
    """A filter whose choices are conditions."""

    choices_offered: tuple[tuple[str, Any, Q], ...] = ()

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return [(name, label) for name, label, _condition in self.choices_offered]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        for name, _label, condition in self.choices_offered:
            if self.value() == name:
                return queryset.filter(condition)
        return queryset


class StateFilter(ChoiceFilter):
    """Whether the user can be served."""

    title = _("state")
    parameter_name = "state"
    choices_offered = (
        ("active", _("active"), Q(blocked_at=None, bot_blocked_at=None, erased_at=None)),
        ("blocked", _("blocked"), Q(blocked_at__isnull=False)),
        ("stopped", _("stopped the bot"), Q(bot_blocked_at__isnull=False)),
        ("erased", _("erased"), Q(erased_at__isnull=False)),
    )


class FaceitFilter(ChoiceFilter):
    """Whether a FACEIT account is linked."""

    title = _("FACEIT account")
    parameter_name = "faceit"
    choices_offered = (
        ("linked", _("linked"), Q(faceit_player_id__isnull=False)),
        ("none", _("not linked"), Q(faceit_player_id=None)),
    )


class LanguageFilter(ChoiceFilter):
    """The two languages of the bot, and the others."""

    title = _("language")
    parameter_name = "language"
    choices_offered = (
        ("ru", _("Russian"), Q(language="ru")),
        ("en", _("English"), Q(language="en")),
        ("other", _("other"), ~Q(language__in=("ru", "en"))),
    )


class ActivityFilter(SimpleListFilter):
    """When the user was last seen, in days of `BOT_TIME_ZONE`."""

    title = _("last active")
    parameter_name = "active"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return [
            *((name, PERIODS[name]) for name in UP_TO_TODAY),
            ("gone", _("more than 30 days ago")),
            ("never", _("never")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case "today" | "week" | "month" | "quarter" as period:
                return queryset.filter(last_active_at__gte=_start_of(period))
            case "gone":
                return queryset.filter(last_active_at__lt=_start_of("month"))
            case "never":
                return queryset.filter(last_active_at=None)
        return queryset


def _start_of(period: str) -> datetime:
    first, _end = days_of(period, clock.today())
    return clock.start_of_day(first)


class RegistrationFilter(PeriodFilter):
    """When the user was first seen."""

    title = _("registered")
    parameter_name = "registered"
