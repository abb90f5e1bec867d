"""What players did in matches."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core.display import EMPTY, code, copyable, decimal, moment
from faceitbot.core.searching import FoundByText
from stats.admin.filters import PlayedFilter
from stats.admin.pages import WON_COLOURS, by_name_or
from stats.models import PlayerMatch
from stats.models.matches import COUNTS


@admin.register(PlayerMatch)
class PlayerMatchAdmin(FoundByText):
    """One player on one map, the newest first."""

    list_display = (
        "nickname",
        "show_map",
        "show_won",
        "number_kda",
        "number_adr",
        "number_rating",
        "show_match",
        "show_played",
    )
    list_filter = (PlayedFilter,)
    list_filter_sheet = False
    search_fields = ("match_id",)
    search_help_text = _("FACEIT nickname, player id or match id; the whole of it.")
    ordering = ("-played_at", "-id")
    sortable_by = ("show_played",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("nickname", "show_player"),
                    ("game", "show_map"),
                    ("show_result", "match_round"),
                    ("rating", "rating_version"),
                    "show_match",
                )
            },
        ),
        (
            _("What was counted"),
            {"fields": tuple(zip((*COUNTS, "adr")[::2], (*COUNTS, "adr")[1::2], strict=False))},
        ),
        (_("Record"), {"fields": (("finished_at", "created_at"),)}),
    )
    readonly_fields = ("show_player", "show_map", "show_result", "show_match")

    def searched(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        return by_name_or(rows, term, Q(player_id=term) | Q(match_id=term))

    @display(description=_("Map"))
    def show_map(self, match: PlayerMatch) -> str:
        return code(match.map_name)

    @display(description=_("Result"), label=WON_COLOURS)
    def show_won(self, match: PlayerMatch) -> tuple[str, Any]:
        return result_of(match)

    @display(description=_("Result"))
    def show_result(self, match: PlayerMatch) -> str:
        return str(result_of(match)[1])

    @display(description=_("K / D / A"))
    def number_kda(self, match: PlayerMatch) -> str:
        counts = (match.kills, match.deaths, match.assists)
        return " / ".join(EMPTY if count is None else str(count) for count in counts)

    @display(description=_("ADR"))
    def number_adr(self, match: PlayerMatch) -> str:
        return decimal(match.adr, 1)

    @display(description=_("Rating"))
    def number_rating(self, match: PlayerMatch) -> str:
        return decimal(match.rating)

    @display(description=_("Match"))
    def show_match(self, match: PlayerMatch) -> str:
        return copyable(match.match_id)

    @display(description=_("FACEIT player id"))
    def show_player(self, match: PlayerMatch) -> str:
        return copyable(match.player_id)

    @display(description=_("Played"), ordering="played_at")
    def show_played(self, match: PlayerMatch) -> str:
        return moment(match.played_at)


def result_of(match: PlayerMatch) -> tuple[str, Any]:
    """Give how a match ended for a player, by a word for programs and one for staff."""
    if match.won is None:
        return "unknown", EMPTY
    return ("won", _("won")) if match.won else ("lost", _("lost"))
