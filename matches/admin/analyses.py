"""Analyses: what users were told about matches."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.utils import display_for_label

from faceitbot.core.display import EMPTY, copyable, digits, moment, shortened
from matches.admin.analysis_page import analysis_context
from matches.admin.filters import AnalysedFilter, GameFilter, MapFilter
from matches.models import MatchAnalysis, MatchStatus
from users.staff_pages import UserFactsAdmin, key_is

STATUS_COLOURS = {
    **dict.fromkeys(MatchStatus.values, "info"),
    MatchStatus.ONGOING.value: "warning",
    MatchStatus.FINISHED.value: "success",
    MatchStatus.CANCELLED.value: "danger",
    MatchStatus.ABORTED.value: "danger",
}
_JSON = ("team1_analysis", "team2_analysis", "prediction", "details")


@admin.register(MatchAnalysis)
class MatchAnalysisAdmin(UserFactsAdmin):
    """What was analysed, for whom, and what he was told."""

    list_display = (
        "show_analysed",
        "show_user",
        "show_match",
        "show_status",
        "show_map",
        "show_competition",
        "number_revision",
        "number_milliseconds",
    )
    list_filter = (AnalysedFilter, "status", MapFilter, GameFilter)
    list_filter_sheet = False
    search_help_text = _("Match id, Telegram id, FACEIT nickname, or our id of the user.")
    ordering = ("-analysed_at", "id")
    sortable_by = ("show_analysed",)
    change_form_outer_before_template = "admin/matches/analysis.html"
    fieldsets = ((_("Record"), {"fields": (("match_copyable", "show_id"), ("created_at", "updated_at"))}),)
    readonly_fields = ("match_copyable", "show_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        match = request.resolver_match
        listed = match is not None and str(match.url_name).endswith("_changelist")
        return rows.defer(*_JSON) if listed else rows

    def condition(self, term: str) -> Q:
        return super().condition(term) | key_is(term) | Q(match_id=term)

    # ---- The list

    @display(description=_("Analysed"), ordering="analysed_at")
    def show_analysed(self, row: MatchAnalysis) -> str:
        return moment(row.analysed_at)

    @display(description=_("Match"))
    def show_match(self, row: MatchAnalysis) -> str:
        return shortened(row.match_id)

    @display(description=_("Status"), label=STATUS_COLOURS)
    def show_status(self, row: MatchAnalysis) -> tuple[str, Any]:
        return row.status, row.status_raw or row.get_status_display()

    @display(description=_("Map"))
    def show_map(self, row: MatchAnalysis) -> str:
        return row.map_name or EMPTY

    @display(description=_("Competition"))
    def show_competition(self, row: MatchAnalysis) -> str:
        return row.competition_name or row.competition_type or EMPTY

    @display(description=_("Revision"))
    def number_revision(self, row: MatchAnalysis) -> str:
        return digits(row.revision)

    @display(description=_("Time, ms"))
    def number_milliseconds(self, row: MatchAnalysis) -> str:
        return EMPTY if row.processing_time_ms is None else digits(row.processing_time_ms)

    # ---- One analysis

    def page_context(self, request: HttpRequest, row: MatchAnalysis) -> dict[str, Any]:
        status = SafeString(display_for_label(self.show_status(row), EMPTY, STATUS_COLOURS))
        return {**super().page_context(request, row), **analysis_context(row, status)}

    @display(description=_("Match id"))
    def match_copyable(self, row: MatchAnalysis) -> str:
        return copyable(row.match_id)

    @display(description=_("id"))
    def show_id(self, row: MatchAnalysis) -> str:
        return copyable(row.pk)
