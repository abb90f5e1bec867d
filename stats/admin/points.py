"""How the figures of players have changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core.display import EMPTY, code, decimal, digits, moment, percent
from faceitbot.core.periods import MomentFilter
from faceitbot.core.searching import FoundByText
from stats.models import PlayerStatsCache, PlayerStatsPoint

MOST_NAMESAKES = 100


@admin.register(PlayerStatsPoint)
class PointAdmin(FoundByText):
    """One change of one player's figures, the newest first."""

    list_display = (
        "show_player",
        "game",
        "number_level",
        "number_elo",
        "number_winrate",
        "number_kd",
        "number_rating",
        "show_at",
    )
    list_filter = (MomentFilter,)
    list_filter_sheet = False
    search_fields = ("player_id",)
    search_help_text = _("FACEIT player id or nickname; the whole of it.")
    ordering = ("-at", "-id")
    sortable_by = ("show_at",)
    fieldsets = (
        (None, {"fields": (("show_player", "game"), "at")}),
        (
            _("Figures"),
            {"fields": (("skill_level", "faceit_elo"), ("winrate", "avg_kd"), ("avg_adr", "hltv_rating"))},
        ),
    )
    readonly_fields = ("show_player",)

    def searched(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        named = PlayerStatsCache.objects.nickname_is(term).values_list("player_id", flat=True)
        return rows.filter(player_id__in=[term, *named[:MOST_NAMESAKES]])

    @display(description=_("FACEIT player id"))
    def show_player(self, point: PlayerStatsPoint) -> str:
        return code(point.player_id)

    @display(description=_("Level"))
    def number_level(self, point: PlayerStatsPoint) -> str:
        return EMPTY if point.skill_level is None else str(point.skill_level)

    @display(description=_("ELO"))
    def number_elo(self, point: PlayerStatsPoint) -> str:
        return EMPTY if point.faceit_elo is None else digits(point.faceit_elo)

    @display(description=_("Win rate"))
    def number_winrate(self, point: PlayerStatsPoint) -> str:
        return percent(point.winrate)

    @display(description=_("K/D"))
    def number_kd(self, point: PlayerStatsPoint) -> str:
        return decimal(point.avg_kd)

    @display(description=_("Rating"))
    def number_rating(self, point: PlayerStatsPoint) -> str:
        return decimal(point.hltv_rating)

    @display(description=_("at"), ordering="at")
    def show_at(self, point: PlayerStatsPoint) -> str:
        return moment(point.at)
