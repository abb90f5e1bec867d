"""What was foretold of matches."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core.display import EMPTY, copyable, moment, percent
from faceitbot.core.json_tables import as_tables
from faceitbot.core.searching import FoundByText
from faceitbot.faceit.words import WORDS
from stats.admin.filters import OutcomeFilter
from stats.models import Prediction

OUTCOME_COLOURS = {"open": "info", "right": "success", "wrong": "danger", "void": "warning"}


@admin.register(Prediction)
class PredictionAdmin(FoundByText):
    """Of each match the prediction that counts, the newest first."""

    list_display = ("show_match", "number_team1", "show_outcome", "show_winner", "show_made", "show_settled")
    list_filter = (OutcomeFilter,)
    list_filter_sheet = False
    search_fields = ("match_id",)
    search_help_text = _("Match id; the whole of it.")
    ordering = ("-made_at", "id")
    sortable_by = ("show_made",)
    fieldsets = (
        (None, {"fields": ("show_match", ("number_team1", "show_winner"))}),
        (_("What it rests on"), {"fields": ("show_inputs",)}),
        (_("Record"), {"fields": (("made_at", "ended_at", "settled_at"),)}),
    )
    readonly_fields = ("show_match", "number_team1", "show_winner", "show_inputs")

    def searched(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        return rows.filter(match_id=term)

    @display(description=_("Match"))
    def show_match(self, prediction: Prediction) -> str:
        return copyable(prediction.match_id)

    @display(description=_("Team 1 wins"))
    def number_team1(self, prediction: Prediction) -> str:
        return percent(100 * prediction.team1_probability)

    @display(description=_("Outcome"), label=OUTCOME_COLOURS)
    def show_outcome(self, prediction: Prediction) -> tuple[str, Any]:
        if prediction.settled_at is None:
            return "open", _("awaited")
        if prediction.winner is None:
            return "void", _("cancelled")
        likelier = "team1" if prediction.team1_probability >= 0.5 else "team2"  # noqa: PLR2004 - the half
        return ("right", _("right")) if prediction.winner == likelier else ("wrong", _("wrong"))

    @display(description=_("Winner"))
    def show_winner(self, prediction: Prediction) -> str:
        return prediction.get_winner_display() if prediction.winner else EMPTY

    @display(description=_("What it rests on"))
    def show_inputs(self, prediction: Prediction) -> str:
        return as_tables(prediction.inputs, WORDS)

    @display(description=_("Made"), ordering="made_at")
    def show_made(self, prediction: Prediction) -> str:
        return moment(prediction.made_at)

    @display(description=_("Settled"))
    def show_settled(self, prediction: Prediction) -> str:
        return moment(prediction.settled_at)
