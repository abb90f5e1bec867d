"""What users were told about matches."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from faceitbot.core.text import MAX_ID_LENGTH
from matches.models.statuses import MAX_RAW_LENGTH, OPEN, MatchStatus
from matches.querysets import MatchAnalysisQuerySet
from users.models import User

MAX_NAME_LENGTH = 64
MAX_COMPETITION_LENGTH = 256
MAX_URL_LENGTH = 500
DEFAULT_GAME = "cs2"


class MatchAnalysis(models.Model):
    """The latest analysis of one match for one user; `revision` counts how often it was made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="analyses", db_index=False, verbose_name=_("user")
    )
    match_id = PlainTextField(_("match id"), max_length=MAX_ID_LENGTH)
    game = PlainTextField(_("game"), max_length=MAX_NAME_LENGTH, default=DEFAULT_GAME)
    region = PlainTextField(_("region"), max_length=MAX_NAME_LENGTH, blank=True, default="")
    map_name = PlainTextField(_("map"), max_length=MAX_NAME_LENGTH, blank=True, default="")
    status = models.CharField(_("status"), max_length=16, choices=MatchStatus, default=MatchStatus.SCHEDULED)
    status_raw = PlainTextField(
        _("unknown status"), max_length=MAX_RAW_LENGTH, blank=True, default="", editable=False
    )
    competition_name = PlainTextField(
        _("competition"), max_length=MAX_COMPETITION_LENGTH, blank=True, default=""
    )
    competition_type = PlainTextField(
        _("kind of competition"), max_length=MAX_NAME_LENGTH, blank=True, default=""
    )
    match_url = PlainTextField(_("address of the match"), max_length=MAX_URL_LENGTH, blank=True, default="")
    configured_at = models.DateTimeField(_("configured at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    team1_analysis = models.JSONField(_("first team"), null=True, blank=True)
    team2_analysis = models.JSONField(_("second team"), null=True, blank=True)
    prediction = models.JSONField(_("prediction"), null=True, blank=True)
    # Whatever else the analysis holds, recommendations among it, under its own names.
    details = models.JSONField(_("further parts"), null=True, blank=True)
    cached_data_used = models.BooleanField(_("made from stored data"), default=False)
    processing_time_ms = models.IntegerField(_("processing time, ms"), null=True, blank=True)
    revision = models.IntegerField(_("revision"), default=1)
    # A status that is heard of later changes `updated_at` alone: the newest analysis stays the newest.
    analysed_at = models.DateTimeField(_("analysed at"), default=clock.now)
    created_at = models.DateTimeField(_("first analysed at"), default=clock.now)
    updated_at = models.DateTimeField(_("changed at"), default=clock.now)

    objects = MatchAnalysisQuerySet.as_manager()

    class Meta:
        db_table = "match_analyses"
        verbose_name = _("match analysis")
        verbose_name_plural = _("match analyses")
        default_permissions = ("view",)
        constraints: ClassVar = [
            # What `create_analysis` finds a user's earlier analysis by.
            models.UniqueConstraint(fields=["user", "match_id"], name="match_analyses_user_match_id_unique"),
            models.CheckConstraint(
                condition=~Q(match_id="") & ~Q(game=""), name="match_analyses_match_and_game_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(status__in=MatchStatus.values), name="match_analyses_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status_raw="") | Q(status=MatchStatus.SCHEDULED),
                name="match_analyses_unknown_status_is_scheduled",
            ),
            # NULL: nobody has measured it.
            models.CheckConstraint(
                condition=Q(processing_time_ms__isnull=True) | Q(processing_time_ms__gte=0),
                name="match_analyses_processing_time_range",
            ),
            models.CheckConstraint(condition=Q(revision__gte=1), name="match_analyses_revision_range"),
        ]
        indexes: ClassVar = [
            # get_by_match_id, update_match_status, the admin's search.
            models.Index(fields=["match_id", "-analysed_at", "id"], name="match_analyses_match_idx"),
            # get_user_analyses, get_user_match_history, cleanup_old_analyses: a user's newest first.
            models.Index(fields=["user", "-analysed_at", "id"], name="match_analyses_user_idx"),
            # The admin's list; get_popular_matches and get_match_analysis_stats, a stretch of time.
            models.Index(
                fields=["-analysed_at", "id"], include=("match_id",), name="match_analyses_analysed_idx"
            ),
            # get_all: the newest rows first.
            models.Index(fields=["-created_at", "id"], name="match_analyses_created_idx"),
            # The admin's filters, in the order of its list; get_unfinished_matches by the first of them.
            models.Index(fields=["status", "-analysed_at", "id"], name="match_analyses_status_idx"),
            models.Index(fields=["map_name", "-analysed_at", "id"], name="match_analyses_map_idx"),
            models.Index(fields=["game", "-analysed_at", "id"], name="match_analyses_game_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.match_id}"

    @property
    def is_over(self) -> bool:
        """Whether the match has ended, in whatever way."""
        return self.status not in OPEN
