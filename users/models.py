"""Bot users and their activity."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField, TelegramIdField
from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.core.text import MAX_ID_LENGTH, MAX_LANGUAGE_LENGTH, MAX_NICKNAME_LENGTH
from users.querysets import UserQuerySet

MAX_NOTE_LENGTH = 2_000


class User(models.Model):
    """A person who talks to the bot."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    telegram_id = TelegramIdField(
        _("Telegram id"), null=True, help_text=_("Empty once the person has been erased.")
    )
    faceit_player_id = PlainTextField(_("FACEIT player id"), max_length=MAX_ID_LENGTH, null=True, blank=True)
    faceit_nickname = PlainTextField(
        _("FACEIT nickname"), max_length=MAX_NICKNAME_LENGTH, null=True, blank=True
    )
    last_checked_match_id = PlainTextField(
        _("last checked match"), max_length=MAX_ID_LENGTH, null=True, blank=True
    )
    waiting_for_nickname = models.BooleanField(
        _("waiting for nickname"), default=False, help_text=_("The bot has asked for the FACEIT nickname.")
    )
    language = PlainTextField(_("language"), max_length=MAX_LANGUAGE_LENGTH, default="ru")
    notifications_enabled = models.BooleanField(_("notifications"), default=True)
    total_requests = models.BigIntegerField(_("requests in total"), default=0)
    blocked_at = models.DateTimeField(
        _("blocked at"), null=True, blank=True, help_text=_("Staff has blocked this user.")
    )
    bot_blocked_at = models.DateTimeField(
        _("stopped the bot at"), null=True, blank=True, help_text=_("The user has stopped the bot.")
    )
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    created_at = models.DateTimeField(_("registered at"), default=clock.now)
    updated_at = models.DateTimeField(_("changed at"), default=clock.now)
    last_active_at = models.DateTimeField(_("last active at"), null=True, blank=True)

    objects = UserQuerySet.as_manager()

    class Meta:
        db_table = "users"
        verbose_name = _("bot user")
        verbose_name_plural = _("bot users")
        permissions: ClassVar = [("block_user", "Can block and unblock bot users")]
        constraints: ClassVar = [
            # Also serve the look-ups of every update: get_by_telegram_id, get_by_faceit_id.
            models.UniqueConstraint(fields=["telegram_id"], name="users_telegram_id_unique"),
            models.UniqueConstraint(fields=["faceit_player_id"], name="users_faceit_player_id_unique"),
            models.CheckConstraint(
                condition=Q(telegram_id__isnull=True) | Q(telegram_id__range=(1, TELEGRAM_ID_MAX)),
                name="users_telegram_id_range",
            ),
            # NULL exactly when erased: neither a nameless live user nor an erased one with a name.
            models.CheckConstraint(
                condition=Q(telegram_id__isnull=True, erased_at__isnull=False)
                | Q(telegram_id__isnull=False, erased_at__isnull=True),
                name="users_erased_at_matches_telegram_id",
            ),
            # Nobody gives an erased person a name again.
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    faceit_player_id__isnull=True,
                    faceit_nickname__isnull=True,
                    last_checked_match_id__isnull=True,
                ),
                name="users_erased_is_nobody",
            ),
            models.CheckConstraint(
                condition=Q(faceit_player_id__isnull=True) | ~Q(faceit_player_id=""),
                name="users_faceit_player_id_not_empty",
            ),
            models.CheckConstraint(condition=Q(total_requests__gte=0), name="users_total_requests_range"),
        ]
        indexes: ClassVar = [
            # get_by_nickname.
            models.Index(Lower("faceit_nickname"), name="users_nickname_lower_idx"),
            # search_users_by_nickname and the admin's search: any part of the name.
            GinIndex(OpClass(Lower("faceit_nickname"), name="gin_trgm_ops"), name="users_nickname_trgm_idx"),
            # get_active_users, get_user_stats, the admin's list: last active first.
            models.Index(
                models.F("last_active_at").desc(nulls_last=True), models.F("id"), name="users_last_active_idx"
            ),
            # get_all, get_user_stats: newest first.
            models.Index(fields=["-created_at", "id"], name="users_created_idx"),
            # get_users_with_faceit_accounts.
            models.Index(
                models.F("last_active_at").desc(nulls_last=True),
                models.F("id"),
                condition=Q(faceit_player_id__isnull=False),
                name="users_linked_idx",
            ),
            # get_top_active_users.
            models.Index(fields=["-total_requests", "id"], name="users_total_requests_idx"),
            # The admin's filters that keep few rows, or none.
            models.Index(
                fields=["blocked_at"], condition=Q(blocked_at__isnull=False), name="users_blocked_idx"
            ),
            models.Index(
                models.F("last_active_at").desc(nulls_last=True),
                models.F("id"),
                condition=Q(bot_blocked_at__isnull=False),
                name="users_stopped_idx",
            ),
            models.Index(
                models.F("last_active_at").desc(nulls_last=True),
                models.F("id"),
                condition=Q(erased_at__isnull=False),
                name="users_erased_idx",
            ),
            models.Index(
                models.F("last_active_at").desc(nulls_last=True),
                models.F("id"),
                condition=~Q(language__in=("ru", "en")),
                name="users_foreign_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def is_blocked(self) -> bool:
        """Whether staff has blocked this user."""
        return self.blocked_at is not None

    @property
    def has_faceit_account(self) -> bool:
        """Whether a FACEIT account is linked."""
        return self.faceit_player_id is not None


class UserNote(models.Model):
    """What staff have to know of a user. Append-only: a trigger lets only the words of the erased go."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.PROTECT, related_name="notes", db_index=False, verbose_name=_("user")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author")
    )
    text = models.TextField(_("note"), max_length=MAX_NOTE_LENGTH)
    created_at = models.DateTimeField(_("written at"), default=clock.now)

    class Meta:
        db_table = "user_notes"
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="user_notes_text_not_empty"),
        ]
        indexes: ClassVar = [
            # get_notes: the latest of a user first.
            models.Index(fields=["user", "-created_at", "id"], name="user_notes_user_idx"),
        ]

    def __str__(self) -> str:
        return f"note {self.id}"


class UserActivity(models.Model):
    """How many requests a user made within one hour (UTC)."""

    pk = models.CompositePrimaryKey("user_id", "hour")
    user = models.ForeignKey(User, models.CASCADE, related_name="activity", db_index=False)
    hour = models.DateTimeField(_("hour"))
    requests = models.IntegerField(_("requests"))

    class Meta:
        db_table = "user_activity"
        verbose_name = _("activity")
        verbose_name_plural = _("activity")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(requests__gte=1), name="user_activity_requests_range"),
        ]
        indexes: ClassVar = [
            # Activity of everybody within a range of hours.
            models.Index(fields=["hour", "user"], name="user_activity_hour_idx"),
        ]

    def __str__(self) -> str:
        return f"activity of user {self.user_id} at {self.hour:%Y-%m-%d %H:00}"
