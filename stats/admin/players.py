"""Players of FACEIT."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core.display import EMPTY, copyable, decimal, digits, moment, percent
from faceitbot.core.ids import typed_key
from faceitbot.core.searching import FoundByText
from faceitbot.core.staff import AuditedPages
from stats.admin.filters import DangerFilter, GameFilter, LevelFilter
from stats.admin.pages import DANGER_COLOURS, by_name_or, form
from stats.admin.player_page import player_context
from stats.models import PlayerStatsCache
from users.staff_pages import name_of


@admin.register(PlayerStatsCache)
class PlayerAdmin(AuditedPages, FoundByText):
    """Who plays how well, and one player with all that is known of him."""

    list_display = (
        "nickname",
        "game",
        "number_level",
        "number_elo",
        "number_rating",
        "number_winrate",
        "show_form",
        "show_danger",
    )
    list_filter = (GameFilter, LevelFilter, DangerFilter)
    list_filter_sheet = False
    search_fields = ("player_id",)
    search_help_text = _("FACEIT nickname or player id; the whole of it.")
    ordering = (F("hltv_rating").desc(nulls_last=True), "id")
    sortable_by = ("number_level", "number_elo", "number_rating")
    list_select_related = ("user",)
    change_form_outer_before_template = "admin/stats/player.html"
    fieldsets = (
        (
            _("Record"),
            {"fields": (("show_player_id", "show_user"), ("show_expires", "show_updated"), "show_id")},
        ),
    )
    readonly_fields = ("show_player_id", "show_user", "show_expires", "show_updated", "show_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("user")

    def name_of(self, row: PlayerStatsCache) -> str:
        return f"{row.nickname} · {row.game}"

    def page_context(self, request: HttpRequest, row: PlayerStatsCache) -> dict[str, Any]:
        return {**super().page_context(request, row), **player_context(row)}

    def searched(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        key = typed_key(term)
        condition = Q(player_id=term) | Q(pk=key) if key else Q(player_id=term)
        return by_name_or(rows, term, condition)

    @display(description=_("Level"), ordering=F("skill_level").asc(nulls_first=True))
    def number_level(self, card: PlayerStatsCache) -> str:
        return EMPTY if card.skill_level is None else str(card.skill_level)

    @display(description=_("ELO"), ordering=F("faceit_elo").asc(nulls_first=True))
    def number_elo(self, card: PlayerStatsCache) -> str:
        return EMPTY if card.faceit_elo is None else digits(card.faceit_elo)

    @display(description=_("Rating"), ordering=F("hltv_rating").asc(nulls_first=True))
    def number_rating(self, card: PlayerStatsCache) -> str:
        return decimal(card.hltv_rating)

    @display(description=_("Win rate"))
    def number_winrate(self, card: PlayerStatsCache) -> str:
        return percent(card.winrate)

    @display(description=_("Form"))
    def show_form(self, card: PlayerStatsCache) -> str:
        return form(card.recent_form)

    @display(description=_("Danger"), label=DANGER_COLOURS)
    def show_danger(self, card: PlayerStatsCache) -> tuple[int, Any] | str:
        return (card.danger_level, str(card.danger_level)) if card.danger_level else EMPTY

    @display(description=_("FACEIT player id"))
    def show_player_id(self, card: PlayerStatsCache) -> str:
        return copyable(card.player_id)

    @display(description=_("bot user"))
    def show_user(self, card: PlayerStatsCache) -> str:
        return name_of(card.user) if card.user else EMPTY

    @display(description=_("fresh until"))
    def show_expires(self, card: PlayerStatsCache) -> str:
        return moment(card.expires_at)

    @display(description=_("written at"))
    def show_updated(self, card: PlayerStatsCache) -> str:
        return moment(card.updated_at)

    @display(description=_("id"))
    def show_id(self, card: PlayerStatsCache) -> str:
        return copyable(card.pk)
