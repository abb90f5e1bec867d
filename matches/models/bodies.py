"""Bodies of FACEIT that need not be fetched again for a while, and how often that helped."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from faceitbot.core.text import MAX_ID_LENGTH


class MatchCache(models.Model):
    """What FACEIT has said about a match, good until `expires_at`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match_id = PlainTextField(_("match id"), max_length=MAX_ID_LENGTH)
    match_data = models.JSONField(_("match"))
    match_stats = models.JSONField(_("statistics of the match"), null=True, blank=True)
    expires_at = models.DateTimeField(_("good until"))
    # Counted in memory and added up now and then: `matches.accesses`.
    access_count = models.BigIntegerField(_("accesses"), default=0)
    last_accessed_at = models.DateTimeField(_("last accessed at"), null=True, blank=True)
    created_at = models.DateTimeField(_("first fetched at"), default=clock.now)
    updated_at = models.DateTimeField(_("fetched at"), default=clock.now)

    class Meta:
        db_table = "match_cache"
        verbose_name = _("stored match")
        verbose_name_plural = _("stored matches")
        default_permissions = ("view",)
        constraints: ClassVar = [
            # get_cached_match, cache_match_data.
            models.UniqueConstraint(fields=["match_id"], name="match_cache_match_id_unique"),
            models.CheckConstraint(condition=~Q(match_id=""), name="match_cache_match_id_not_empty"),
            models.CheckConstraint(condition=Q(access_count__gte=0), name="match_cache_access_count_range"),
        ]
        indexes: ClassVar = [
            # cleanup_expired_cache, the admin's filter.
            models.Index(fields=["expires_at", "id"], name="match_cache_expires_idx"),
            # The admin's list.
            models.Index(fields=["-updated_at", "id"], name="match_cache_updated_idx"),
            # get_all: the newest rows first.
            models.Index(fields=["-created_at", "id"], name="match_cache_created_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.match_id}"


class MatchCacheUse(models.Model):
    """How often stored matches were asked for on one day (UTC), and how often there was one."""

    day = models.DateField(primary_key=True)
    hits = models.BigIntegerField(default=0)
    misses = models.BigIntegerField(default=0)

    class Meta:
        db_table = "match_cache_use"
        verbose_name = _("use of stored matches")
        verbose_name_plural = _("use of stored matches")
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(hits__gte=0) & Q(misses__gte=0), name="match_cache_use_counts_range"
            ),
        ]

    def __str__(self) -> str:
        return f"use of stored matches on {self.day}"
