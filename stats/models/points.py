"""How the figures of players have changed."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from faceitbot.core.text import MAX_ID_LENGTH
from stats.models.cards import MAX_GAME_LENGTH, RANGES
from stats.models.checks import known_ranges

# The figures of a card whose changes are kept.
TRACKED = ("skill_level", "faceit_elo", "winrate", "avg_kd", "avg_adr", "hltv_rating")
# Younger points cannot be deleted: a trigger refuses it, whatever the setting says.
FEWEST_DAYS = 30


class PlayerStatsPoint(models.Model):
    """The tracked figures of a card from a moment on, written when one of them had changed.

    Append-only: a trigger refuses UPDATE, and DELETE of what is younger than `FEWEST_DAYS`.
    """

    player_id = PlainTextField(_("FACEIT player id"), max_length=MAX_ID_LENGTH)
    game = PlainTextField(_("game"), max_length=MAX_GAME_LENGTH)
    at = models.DateTimeField(_("at"), default=clock.now)
    skill_level = models.SmallIntegerField(_("level"), null=True)
    faceit_elo = models.IntegerField(_("ELO"), null=True)
    winrate = models.FloatField(_("win rate"), null=True)
    avg_kd = models.FloatField(_("K/D"), null=True)
    avg_adr = models.FloatField(_("ADR"), null=True)
    hltv_rating = models.FloatField(_("rating"), null=True)

    class Meta:
        db_table = "player_stats_points"
        verbose_name = _("change of figures")
        verbose_name_plural = _("changes of figures")
        constraints: ClassVar = [
            *known_ranges("player_stats_points", {name: RANGES[name] for name in TRACKED})
        ]
        indexes: ClassVar = [
            # analyze_player_trends, and the newest point before another is written.
            models.Index(fields=["player_id", "game", "-at", "-id"], name="player_stats_points_last_idx"),
            # The admin's list, newest first; what is old enough to go.
            models.Index(fields=["-at", "-id"], name="player_stats_points_at_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
