"""What spans the apps: the history of imports."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import TelegramIdField

MAX_FILE_NAME = 255


class ImportState(models.TextChoices):
    """How far an import has come."""

    RUNNING = "running", _("running")
    DONE = "done", _("done")
    INTERRUPTED = "interrupted", _("interrupted")


class ImportRun(models.Model):
    """One import of the old bot's data file, from its first write on.

    Shape: `counts` holds records (= created + updated + unchanged + newer + refused), grants and referrals
    (made by this run), grants_differing (older grants that end otherwise than the file says), undecided,
    left_out (not asked for), and refusals and notes by code.
    """

    file_name = models.CharField(_("file"), max_length=MAX_FILE_NAME)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    as_of = models.DateTimeField(
        _("time of the file"), help_text=_("Users that changed here later were left alone.")
    )
    state = models.CharField(
        _("state"), max_length=16, choices=ImportState.choices, default=ImportState.RUNNING
    )
    counts = models.JSONField(_("counts"), default=dict)
    started_at = models.DateTimeField(_("started at"), default=clock.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        db_table = "import_runs"
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values), name="import_runs_state_choice"
            ),
        ]
        indexes: ClassVar = [
            # The admin's list, newest first.
            models.Index(fields=["-started_at", "-id"], name="import_runs_started_at_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}, {self.file_name}"


def _of_user(name: str) -> models.Index:
    """Give the index by which staff, and whoever is erased, find what was said about one user."""
    return models.Index(fields=["telegram_id"], condition=models.Q(telegram_id__isnull=False), name=name)


class _ImportLine(models.Model):
    """What an import said about one record of the file."""

    record = models.BigIntegerField(_("record"))
    line = models.BigIntegerField(_("line"))
    telegram_id = TelegramIdField(_("Telegram id"), null=True, help_text=_("Empty when unreadable."))
    code = models.CharField(_("code"), max_length=32)
    sentence = models.TextField(_("reason"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.record}"


class ImportRefusal(_ImportLine):
    """A record that an import kept out, and why."""

    run = models.ForeignKey(
        ImportRun, models.CASCADE, related_name="refusals", db_index=False, verbose_name=_("import")
    )

    class Meta:
        db_table = "import_refusals"
        verbose_name = _("refused record")
        verbose_name_plural = _("refused records")
        ordering: ClassVar = ["run", "record"]
        constraints: ClassVar = [
            # Also serves the list on an import's page.
            models.UniqueConstraint(fields=["run", "record"], name="import_refusals_run_record_unique"),
        ]
        indexes: ClassVar = [_of_user("import_refusals_user_idx")]


class UndecidedAccess(_ImportLine):
    """A record that came in without the paid access that it may stand for, and why: a person decides."""

    run = models.ForeignKey(
        ImportRun, models.CASCADE, related_name="undecided", db_index=False, verbose_name=_("import")
    )

    class Meta:
        db_table = "import_undecided_access"
        verbose_name = _("access to decide on")
        verbose_name_plural = _("access to decide on")
        ordering: ClassVar = ["run", "record"]
        constraints: ClassVar = [
            # Also serves the list on an import's page.
            models.UniqueConstraint(
                fields=["run", "record"], name="import_undecided_access_run_record_unique"
            ),
        ]
        indexes: ClassVar = [_of_user("import_undecided_user_idx")]
