"""What each player did in each match: the base of averages, form, maps and trends."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from faceitbot.core.text import MAX_ID_LENGTH, MAX_NICKNAME_LENGTH
from stats.models.cards import MAX_GAME_LENGTH, MAX_MAP_LENGTH, MAX_VERSION_LENGTH
from stats.models.checks import ADR, RATING, known_ranges, not_negative

# Whole numbers that a body of FACEIT may tell or not.
COUNTS = (
    "rounds",
    "kills",
    "deaths",
    "assists",
    "headshots",
    "damage",
    "double_kills",
    "triple_kills",
    "quadro_kills",
    "penta_kills",
    "mvps",
    "first_kills",
    "entry_count",
    "entry_wins",
    "clutch_kills",
    "one_v_one_count",
    "one_v_one_wins",
    "one_v_two_count",
    "one_v_two_wins",
    "sniper_kills",
    "pistol_kills",
    "knife_kills",
    "zeus_kills",
    "flash_count",
    "flash_successes",
    "enemies_flashed",
    "utility_count",
    "utility_successes",
    "utility_enemies",
    "utility_damage",
)


class PlayerMatch(models.Model):
    """What one player did in one round of a match, which is one map; NULL where no body has told.

    A best-of-3 has several. Bodies come in any order and tell more or less: what is known stays known.
    """

    player_id = PlainTextField(_("FACEIT player id"), max_length=MAX_ID_LENGTH)
    match_id = PlainTextField(_("match"), max_length=MAX_ID_LENGTH)
    match_round = models.SmallIntegerField(_("map of the match"), default=1)
    nickname = PlainTextField(_("FACEIT nickname"), max_length=MAX_NICKNAME_LENGTH)
    game = PlainTextField(_("game"), max_length=MAX_GAME_LENGTH)
    map_name = PlainTextField(_("map"), max_length=MAX_MAP_LENGTH, null=True)
    finished_at = models.DateTimeField(_("ended at"), null=True)
    won = models.BooleanField(_("won"), null=True)
    rounds = models.IntegerField(_("rounds"), null=True)
    kills = models.IntegerField(_("kills"), null=True)
    deaths = models.IntegerField(_("deaths"), null=True)
    assists = models.IntegerField(_("assists"), null=True)
    headshots = models.IntegerField(_("headshots"), null=True)
    damage = models.IntegerField(_("damage"), null=True)
    adr = models.FloatField(_("ADR"), null=True)
    double_kills = models.IntegerField(_("double kills"), null=True)
    triple_kills = models.IntegerField(_("triple kills"), null=True)
    quadro_kills = models.IntegerField(_("quadro kills"), null=True)
    penta_kills = models.IntegerField(_("penta kills"), null=True)
    mvps = models.IntegerField(_("MVPs"), null=True)
    first_kills = models.IntegerField(_("first kills"), null=True)
    entry_count = models.IntegerField(_("entries"), null=True)
    entry_wins = models.IntegerField(_("entries won"), null=True)
    clutch_kills = models.IntegerField(_("kills in clutches"), null=True)
    one_v_one_count = models.IntegerField(_("1v1"), null=True)
    one_v_one_wins = models.IntegerField(_("1v1 won"), null=True)
    one_v_two_count = models.IntegerField(_("1v2"), null=True)
    one_v_two_wins = models.IntegerField(_("1v2 won"), null=True)
    sniper_kills = models.IntegerField(_("sniper kills"), null=True)
    pistol_kills = models.IntegerField(_("pistol kills"), null=True)
    knife_kills = models.IntegerField(_("knife kills"), null=True)
    zeus_kills = models.IntegerField(_("zeus kills"), null=True)
    flash_count = models.IntegerField(_("flashes"), null=True)
    flash_successes = models.IntegerField(_("flashes that hit"), null=True)
    enemies_flashed = models.IntegerField(_("enemies flashed"), null=True)
    utility_count = models.IntegerField(_("utility"), null=True)
    utility_successes = models.IntegerField(_("utility that hit"), null=True)
    utility_enemies = models.IntegerField(_("enemies hit by utility"), null=True)
    utility_damage = models.IntegerField(_("utility damage"), null=True)
    rating = models.FloatField(_("rating"), null=True)
    rating_version = PlainTextField(_("version of the rating"), max_length=MAX_VERSION_LENGTH, null=True)
    created_at = models.DateTimeField(_("known since"), default=clock.now)
    # Statistics of a match hold no time: until some other body tells, it ended when we heard of it.
    played_at = models.GeneratedField(
        expression=Coalesce("finished_at", "created_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
        verbose_name=_("played at"),
    )

    class Meta:
        db_table = "player_matches"
        verbose_name = _("match of a player")
        verbose_name_plural = _("matches of players")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["player_id", "match_id", "match_round"],
                name="player_matches_player_match_round_unique",
            ),
            models.CheckConstraint(condition=Q(match_round__gte=1), name="player_matches_match_round_range"),
            models.CheckConstraint(condition=not_negative(COUNTS), name="player_matches_counts_range"),
            *known_ranges("player_matches", {"adr": ADR, "rating": RATING}),
        ]
        indexes: ClassVar = [
            # The last matches of a player, which his card is made of.
            models.Index(
                fields=["player_id", "game", "-played_at", "-match_round"], name="player_matches_last_idx"
            ),
            # All players of a match; the admin's search by match.
            models.Index(fields=["match_id"], name="player_matches_match_idx"),
            # The admin's search by name.
            models.Index(Lower("nickname"), name="player_matches_nickname_idx"),
            # The admin's list, newest first; what is old enough to go.
            models.Index(fields=["-played_at", "-id"], name="player_matches_played_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
