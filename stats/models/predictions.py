"""What was foretold of matches, to be scored when they end."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from faceitbot.core.text import MAX_ID_LENGTH


class Side(models.TextChoices):
    """The two sides of a match."""

    TEAM1 = "team1", _("team 1")
    TEAM2 = "team2", _("team 2")


class Prediction(models.Model):
    """How probable it was held that team 1 wins; the newest before the end of the match counts.

    Ended and not settled: nobody has told yet who won. Settled without a winner: the match was cancelled, and
    there is nothing to score.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match_id = PlainTextField(_("match"), max_length=MAX_ID_LENGTH)
    made_at = models.DateTimeField(_("made at"), default=clock.now)
    team1_probability = models.FloatField(_("probability of team 1"))
    inputs = models.JSONField(_("what it rests on"), default=dict)
    winner = models.CharField(_("winner"), max_length=8, choices=Side.choices, null=True)  # noqa: DJ001 - NULL is "nobody, or not yet"
    # When the match ended, or was heard to be over; from then on nothing is foretold of it.
    ended_at = models.DateTimeField(_("ended at"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    asked_at = models.DateTimeField(_("last asked about"), null=True)

    class Meta:
        db_table = "match_predictions"
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["match_id"], name="match_predictions_match_id_unique"),
            # Certain ones could not be scored: the logarithm of nought.
            models.CheckConstraint(
                condition=Q(team1_probability__gt=0, team1_probability__lt=1),
                name="match_predictions_team1_probability_range",
            ),
            models.CheckConstraint(
                condition=Q(winner__isnull=True) | Q(winner__in=("team1", "team2"), settled_at__isnull=False),
                name="match_predictions_winner_when_settled",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(ended_at__isnull=False),
                name="match_predictions_settled_when_ended",
            ),
        ]
        indexes: ClassVar = [
            # The admin's list, newest first.
            models.Index(fields=["-made_at", "id"], name="match_predictions_made_idx"),
            # get_prediction_quality: what ended lately and has a winner.
            models.Index(
                fields=["ended_at"],
                include=["made_at", "team1_probability", "winner"],
                condition=Q(winner__isnull=False),
                name="match_predictions_scored_idx",
            ),
            # The admin's filters that keep few rows; claim_unsettled_matches by the first of them.
            models.Index(
                F("made_at").desc(),
                F("id"),
                condition=Q(settled_at__isnull=True),
                name="match_predictions_open_idx",
            ),
            models.Index(
                F("made_at").desc(),
                F("id"),
                condition=Q(settled_at__isnull=False, winner__isnull=True),
                name="match_predictions_void_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
