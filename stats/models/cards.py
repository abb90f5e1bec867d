"""What is known of each player of FACEIT at the moment: his card, and how he does on each map."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from faceitbot.core.text import MAX_ID_LENGTH, MAX_NICKNAME_LENGTH
from stats.models.checks import ADR, DANGERS, ELO, KD, LEVELS, MATCHES, PERCENT, RATING, known_ranges
from stats.querysets import CardQuerySet
from users.models import User

# What a card may be told, each with its bounds where it is a number that has some.
RANGES: dict[str, tuple[float, float]] = {
    "skill_level": LEVELS,
    "faceit_elo": ELO,
    "matches_played": MATCHES,
    "winrate": PERCENT,
    "avg_kd": KD,
    "avg_adr": ADR,
    "hltv_rating": RATING,
    "danger_level": DANGERS,
}
JSON_FIGURES = ("match_history_stats", "map_performance", "weapon_preferences", "clutch_stats")
FIGURES = (*RANGES, "avatar", "country", "rating_version", "recent_form", "player_role", *JSON_FIGURES)
MAP_RANGES: dict[str, tuple[float, float]] = {
    "matches": MATCHES,
    "winrate": PERCENT,
    "avg_rating": RATING,
    "avg_kd": KD,
    "avg_adr": ADR,
}
_CLUTCHES = (0, 10_000_000)
CLUTCH_RANGES: dict[str, tuple[float, float]] = {
    f"{kind}_{name}": bounds
    for kind in ("1v1", "1v2")
    for name, bounds in (("count", _CLUTCHES), ("wins", _CLUTCHES), ("rate", PERCENT))
}
WEAPON_RANGES: dict[str, tuple[float, float]] = {
    "kills": (0, 10_000_000),
    **dict.fromkeys(("sniper", "pistol", "knife", "zeus"), PERCENT),
}

MAX_GAME_LENGTH = 32
MAX_MAP_LENGTH = 64
MAX_ROLE_LENGTH = 32
MAX_VERSION_LENGTH = 16
MAX_URL_LENGTH = 500
MAX_COUNTRY_LENGTH = 8
MAX_FORM_LENGTH = 10
CARD_MINUTES = 30


def in_half_an_hour() -> datetime:
    """Give until when a card is served of which nobody says anything else."""
    return clock.now() + timedelta(minutes=CARD_MINUTES)


class PlayerStatsCache(models.Model):
    """A player's card in one game: the newest figures, served until they expire.

    NULL in a figure, "" and {} say that it is not known, never that it is nought.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    player_id = PlainTextField(_("FACEIT player id"), max_length=MAX_ID_LENGTH)
    nickname = PlainTextField(_("FACEIT nickname"), max_length=MAX_NICKNAME_LENGTH)
    named_at = models.DateTimeField(
        _("named at"),
        default=clock.now,
        null=True,
        help_text=_("When he bore this nickname, by what told it; empty where nothing did."),
    )
    game = PlainTextField(_("game"), max_length=MAX_GAME_LENGTH, default="cs2")
    user = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="player_stats",
        db_index=False,
        verbose_name=_("bot user"),
        help_text=_("Whose linked FACEIT account this was when the card was written."),
    )
    avatar = PlainTextField(_("avatar"), max_length=MAX_URL_LENGTH, null=True, blank=True)
    country = PlainTextField(_("country"), max_length=MAX_COUNTRY_LENGTH, null=True, blank=True)
    skill_level = models.SmallIntegerField(_("level"), null=True, blank=True)
    faceit_elo = models.IntegerField(_("ELO"), null=True, blank=True)
    matches_played = models.IntegerField(
        _("matches"),
        null=True,
        blank=True,
        help_text=_("How many are known of, in his whole life if FACEIT said."),
    )
    winrate = models.FloatField(_("win rate"), null=True, blank=True)
    avg_kd = models.FloatField(_("K/D"), null=True, blank=True)
    avg_adr = models.FloatField(_("ADR"), null=True, blank=True)
    hltv_rating = models.FloatField(_("rating"), null=True, blank=True)
    rating_version = PlainTextField(
        _("version of the rating"),
        max_length=MAX_VERSION_LENGTH,
        null=True,
        blank=True,
        help_text=_("Which formula gave the rating, and whether it had to estimate."),
    )
    recent_form = PlainTextField(
        _("form"),
        max_length=MAX_FORM_LENGTH,
        default="",
        blank=True,
        help_text=_("Won and lost matches, the newest first."),
    )
    danger_level = models.SmallIntegerField(_("danger"), null=True, blank=True)
    player_role = PlainTextField(_("role"), max_length=MAX_ROLE_LENGTH, null=True, blank=True)
    match_history_stats = models.JSONField(_("figures of his matches"), default=dict, blank=True)
    map_performance = models.JSONField(_("maps"), default=dict, blank=True)
    weapon_preferences = models.JSONField(_("weapons"), default=dict, blank=True)
    clutch_stats = models.JSONField(_("clutches"), default=dict, blank=True)
    lifetime = models.JSONField(
        _("lifetime statistics"),
        default=dict,
        blank=True,
        help_text=_("What FACEIT said of his whole life, for figures that his matches do not tell."),
    )
    expires_at = models.DateTimeField(_("fresh until"), default=in_half_an_hour)
    created_at = models.DateTimeField(_("known since"), default=clock.now)
    updated_at = models.DateTimeField(_("written at"), default=clock.now)

    objects = CardQuerySet.as_manager()

    class Meta:
        db_table = "player_stats"
        verbose_name = _("player")
        verbose_name_plural = _("players")
        constraints: ClassVar = [
            # Also serves get_player_stats, get_team_stats and every upsert.
            models.UniqueConstraint(fields=["player_id", "game"], name="player_stats_player_id_game_unique"),
            *known_ranges("player_stats", RANGES),
            models.CheckConstraint(
                condition=Q(recent_form__regex=r"^[WL]*$"), name="player_stats_recent_form_letters"
            ),
            models.CheckConstraint(condition=~Q(player_id=""), name="player_stats_player_id_not_empty"),
            models.CheckConstraint(condition=~Q(nickname=""), name="player_stats_nickname_not_empty"),
            models.CheckConstraint(condition=~Q(game=""), name="player_stats_game_not_empty"),
        ]
        indexes: ClassVar = [
            # get_player_stats_by_nickname and the admin's search: the whole name, in any case.
            models.Index(Lower("nickname"), name="player_stats_nickname_idx"),
            # get_top_players_by_rating, the admin's list by rating of one game.
            models.Index(
                F("game"), F("hltv_rating").desc(nulls_last=True), F("id"), name="player_stats_top_idx"
            ),
            # The admin's lists by rating, by ELO and by level.
            models.Index(F("hltv_rating").desc(nulls_last=True), F("id"), name="player_stats_rating_idx"),
            models.Index(F("faceit_elo").desc(nulls_last=True), F("id"), name="player_stats_elo_idx"),
            models.Index(F("skill_level").desc(nulls_last=True), F("id"), name="player_stats_level_list_idx"),
            # get_players_by_danger_level, and that filter of the admin.
            models.Index(
                F("danger_level"),
                F("hltv_rating").desc(nulls_last=True),
                F("id"),
                name="player_stats_danger_idx",
            ),
            # search_players_by_skill_range, within each level; that filter of the admin.
            models.Index(
                F("skill_level"),
                F("faceit_elo").desc(nulls_last=True),
                F("id"),
                name="player_stats_level_idx",
            ),
            # get_all, get_stats: newest first.
            models.Index(fields=["-created_at", "id"], name="player_stats_created_idx"),
            # cleanup_expired_stats, get_cache_statistics.
            models.Index(fields=["expires_at"], name="player_stats_expires_idx"),
            # What is held about a user; unlinking his cards.
            models.Index(fields=["user"], condition=Q(user__isnull=False), name="player_stats_user_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class PlayerMapStats(models.Model):
    """How a player does on one map: a copy of his card's `map_performance` that can be added up.

    `game` and `expires_at` are those of the card, so that one index answers for a map.
    """

    card = models.ForeignKey(
        PlayerStatsCache, models.CASCADE, related_name="maps", db_index=False, verbose_name=_("player")
    )
    map_name = PlainTextField(_("map"), max_length=MAX_MAP_LENGTH)
    game = PlainTextField(_("game"), max_length=MAX_GAME_LENGTH)
    matches = models.IntegerField(_("matches"))
    winrate = models.FloatField(_("win rate"), null=True)
    avg_rating = models.FloatField(_("rating"), null=True)
    avg_kd = models.FloatField(_("K/D"), null=True)
    avg_adr = models.FloatField(_("ADR"), null=True)
    expires_at = models.DateTimeField(_("fresh until"))

    class Meta:
        db_table = "player_map_stats"
        verbose_name = _("map of a player")
        verbose_name_plural = _("maps of players")
        constraints: ClassVar = [
            # Also serves the map table of a player, and writing it.
            models.UniqueConstraint(
                fields=["card", "map_name"], name="player_map_stats_card_map_name_unique"
            ),
            *known_ranges("player_map_stats", MAP_RANGES),
        ]
        indexes: ClassVar = [
            # get_map_performance_stats: the means, from the index alone.
            models.Index(
                fields=["game", "map_name", "expires_at"],
                include=["matches", "winrate", "avg_rating", "avg_kd"],
                name="player_map_stats_means_idx",
            ),
            # get_map_performance_stats: the best on a map.
            models.Index(
                F("game"),
                F("map_name"),
                F("avg_rating").desc(nulls_last=True),
                F("id"),
                name="player_map_stats_best_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.map_name} of player {self.card_id}"
