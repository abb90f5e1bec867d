"""Bodies of FACEIT that are stored for a while."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core import clock
from faceitbot.core.display import code, copyable, digits, moment
from faceitbot.core.json_tables import folded
from faceitbot.core.searching import FoundByText
from faceitbot.faceit.words import WORDS
from matches.admin.body_summary import summary_of
from matches.admin.filters import GoodFilter
from matches.admin.naming import room_link
from matches.models import MatchCache
from matches.models.analyses import DEFAULT_GAME

STATE_COLOURS = {"good": "success", "expired": "info"}


@admin.register(MatchCache)
class MatchCacheAdmin(FoundByText):
    """What FACEIT has said about matches, until when that is good, and how often it was asked for."""

    list_display = (
        "show_match",
        "show_state",
        "show_expires",
        "number_accesses",
        "show_last_access",
        "show_fetched",
    )
    list_filter = (GoodFilter,)
    list_filter_sheet = False
    search_fields = ("match_id",)
    search_help_text = _("Match id.")
    ordering = ("-updated_at", "id")
    sortable_by = ("show_fetched",)
    fieldsets = (
        (None, {"fields": (("match_copyable", "show_room"), ("show_expires", "show_fetched"))}),
        (
            _("Match"),
            {
                "fields": (
                    ("show_teams", "show_score"),
                    ("show_status", "show_maps"),
                    "show_data",
                    "show_stats",
                )
            },
        ),
        (_("Accesses"), {"fields": (("number_accesses", "show_last_access"),)}),
    )
    readonly_fields = (
        "show_teams",
        "show_score",
        "show_status",
        "show_maps",
        "match_copyable",
        "show_room",
        "show_expires",
        "show_fetched",
        "number_accesses",
        "show_last_access",
        "show_data",
        "show_stats",
    )

    def name_of(self, row: MatchCache) -> str:
        return str(row.match_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        match = request.resolver_match
        listed = match is not None and str(match.url_name).endswith("_changelist")
        return rows.defer("match_data", "match_stats") if listed else rows

    def searched(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        return rows.filter(match_id=term)

    @display(description=_("Match"))
    def show_match(self, row: MatchCache) -> str:
        return code(row.match_id)

    @display(description=_("State"), label=STATE_COLOURS)
    def show_state(self, row: MatchCache) -> tuple[str, Any]:
        return ("good", _("good")) if row.expires_at > clock.now() else ("expired", _("past its time"))

    @display(description=_("Good until"))
    def show_expires(self, row: MatchCache) -> str:
        return moment(row.expires_at)

    @display(description=_("Accesses"))
    def number_accesses(self, row: MatchCache) -> str:
        return digits(row.access_count)

    @display(description=_("Last access"))
    def show_last_access(self, row: MatchCache) -> str:
        return moment(row.last_accessed_at)

    @display(description=_("Fetched"), ordering="updated_at")
    def show_fetched(self, row: MatchCache) -> str:
        return moment(row.updated_at)

    @display(description=_("Match id"))
    def match_copyable(self, row: MatchCache) -> str:
        return copyable(row.match_id)

    @display(description=_("Room"))
    def show_room(self, row: MatchCache) -> str:
        said = row.match_data if isinstance(row.match_data, dict) else {}
        game, url = said.get("game"), said.get("faceit_url")
        return room_link(row.match_id, str(game or DEFAULT_GAME), str(url or ""))

    @display(description=_("Teams"))
    def show_teams(self, row: MatchCache) -> str:
        return summary_of(row.match_data).teams

    @display(description=_("Score"))
    def show_score(self, row: MatchCache) -> str:
        return summary_of(row.match_data).score

    @display(description=_("Status"))
    def show_status(self, row: MatchCache) -> str:
        return summary_of(row.match_data).status

    @display(description=_("Map"))
    def show_maps(self, row: MatchCache) -> str:
        return summary_of(row.match_data).maps

    @display(description=_("Body of FACEIT"))
    def show_data(self, row: MatchCache) -> str:
        return folded(_("Show the body"), row.match_data, WORDS)

    @display(description=_("Statistics"))
    def show_stats(self, row: MatchCache) -> str:
        return folded(_("Show the body"), row.match_stats, WORDS)
