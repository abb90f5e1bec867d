"""Rows that belong to no domain."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faceitbot.core import clock


class AuditEntry(models.Model):
    """Who did what to which object, when, and why.

    Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE, so staff cannot rewrite history. The object
    is named by label and key instead of a foreign key, because its history outlives it.
    """

    at = models.DateTimeField(_("at"), default=clock.now, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("actor"),
        help_text=_("Empty when a command or the bot did it."),
    )
    action = models.CharField(_("action"), max_length=64)
    object_label = models.CharField(_("object"), max_length=64)
    object_id = models.CharField(_("object id"), max_length=64)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True)

    class Meta:
        db_table = "audit_entries"
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        default_permissions = ("view",)
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            # The history on an object's page.
            models.Index(fields=["object_label", "object_id", "-at"], name="audit_entries_object_idx"),
            # The audit log, newest first; the same by each of its filters.
            models.Index(fields=["-at", "-id"], name="audit_entries_at_idx"),
            models.Index(fields=["actor", "-at", "-id"], name="audit_entries_actor_idx"),
            models.Index(fields=["action", "-at", "-id"], name="audit_entries_action_idx"),
            models.Index(fields=["object_label", "-at", "-id"], name="audit_entries_kind_idx"),
            # What staff search for: all that one request did.
            models.Index(
                fields=["correlation_id"], condition=~Q(correlation_id=""), name="audit_entries_request_idx"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label} {self.object_id}"


class Switch(models.Model):
    """Something that staff switch on and off for everybody; one that has no row is on."""

    name = models.CharField(_("name"), max_length=32, primary_key=True)
    on = models.BooleanField(_("on"), default=True)
    changed_at = models.DateTimeField(_("changed at"), default=clock.now)

    class Meta:
        db_table = "switches"
        verbose_name = _("switch")
        verbose_name_plural = _("switches")

    def __str__(self) -> str:
        return self.name


class SentForm(models.Model):
    """A form of the admin that has acted: sent again, it does nothing."""

    token = models.UUIDField(primary_key=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("actor")
    )
    at = models.DateTimeField(_("at"), default=clock.now)
    done = models.IntegerField(_("done"), default=0)
    refused = models.IntegerField(_("refused"), default=0)

    class Meta:
        db_table = "sent_forms"
        verbose_name = _("sent form")
        verbose_name_plural = _("sent forms")
        indexes: ClassVar = [
            # The oldest go first.
            models.Index(fields=["at"], name="sent_forms_at_idx"),
        ]

    def __str__(self) -> str:
        return f"sent form {self.token}"


class JobOutcome(models.TextChoices):
    """How a run of a job has ended."""

    RUNNING = "running", _("running")
    DONE = "done", pgettext_lazy("job", "done")
    FAILED = "failed", pgettext_lazy("job", "failed")
    TIMED_OUT = "timed_out", _("took too long")
    STOPPED = "stopped", _("stopped with its process")
    LOST = "lost", _("lost with its process")


class JobRun(models.Model):
    """One run of a job. The process that does it says now and then that it lives; else others take over.

    Who has just claimed it knows whether it takes over from a run that was lost.
    """

    takes_over = False

    name = models.CharField(_("job"), max_length=64)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=JobOutcome, default=JobOutcome.RUNNING)
    error = models.CharField(_("error"), max_length=300, blank=True, default="")
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    process = models.CharField(_("process"), max_length=100, blank=True, default="")
    alive_until = models.DateTimeField(_("alive until"))
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True, default="")

    class Meta:
        db_table = "job_runs"
        verbose_name = _("run of a job")
        verbose_name_plural = _("runs of jobs")
        default_permissions = ("view",)
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(ended_at__isnull=True), name="job_runs_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(outcome=JobOutcome.RUNNING, ended_at__isnull=True)
                | (~Q(outcome=JobOutcome.RUNNING) & Q(ended_at__isnull=False)),
                name="job_runs_ended_or_running",
            ),
            models.CheckConstraint(condition=Q(outcome__in=JobOutcome.values), name="job_runs_outcome_known"),
        ]
        indexes: ClassVar = [
            # The list, newest first; the same by its filters. The second also finds the last run of a job.
            models.Index(fields=["-started_at", "-id"], name="job_runs_started_idx"),
            models.Index(fields=["name", "-started_at", "-id"], name="job_runs_name_idx"),
            models.Index(fields=["outcome", "-started_at", "-id"], name="job_runs_outcome_idx"),
            # The last time that it went well.
            models.Index(
                fields=["name", "-ended_at"],
                condition=Q(outcome=JobOutcome.DONE),
                name="job_runs_done_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.started_at:%Y-%m-%d %H:%M:%S}"


class HealthState(models.Model):
    """What was wrong when somebody looked last, and since when: who looks anew remembers."""

    name = models.CharField(_("check"), max_length=32, primary_key=True)
    state = models.CharField(_("state"), max_length=10)
    since = models.DateTimeField(_("since"))

    class Meta:
        db_table = "health_states"
        verbose_name = _("state of a check")
        verbose_name_plural = _("states of checks")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class ProcessKind(models.TextChoices):
    """What a process does that lives long."""

    WEB = "web", _("web")
    BOT = "bot", _("bot")
    JOBS = "jobs", _("jobs")


class ProcessSample(models.Model):
    """What one process has measured of itself in the last ten seconds or so. Units: as the names say.

    `durations` counts the calls of repository methods by the buckets of `faceitbot.core.monitoring.calls`.
    """

    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("kind"), max_length=4, choices=ProcessKind)
    process = models.CharField(_("process"), max_length=100)
    seconds = models.FloatField(_("seconds"))
    calls = models.BigIntegerField(_("calls"))
    failed = models.BigIntegerField(_("failed"))
    durations = models.JSONField(_("durations"))
    cache_hits = models.BigIntegerField(_("cache hits"))
    cache_misses = models.BigIntegerField(_("cache misses"))
    waiting_calls = models.IntegerField(_("waiting calls"))
    websocket_clients = models.IntegerField(_("websocket clients"))
    event_loop_lag_ms = models.FloatField(_("event loop lag"))
    memory_bytes = models.BigIntegerField(_("memory"))

    class Meta:
        db_table = "process_samples"
        verbose_name = _("sample of a process")
        verbose_name_plural = _("samples of processes")
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=ProcessKind.values), name="process_samples_kind_known"
            ),
        ]
        indexes: ClassVar = [
            # The newest of all processes; those of a stretch of time; the oldest go first.
            models.Index(fields=["at"], name="process_samples_at_idx"),
            # When each kind was heard of last.
            models.Index(fields=["kind", "at"], name="process_samples_kind_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.process} {self.at:%Y-%m-%d %H:%M:%S}"


class ErrorGroup(models.Model):
    """Errors of one class that have ended the same method: how often, since when, and the last call's id."""

    method = models.CharField(_("method"), max_length=150)
    error_class = models.CharField(_("class"), max_length=150)
    count = models.BigIntegerField(_("count"), default=0)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    last_correlation_id = models.CharField(_("last correlation id"), max_length=64, blank=True, default="")
    mailed_at = models.DateTimeField(_("told by mail at"), null=True, blank=True)

    class Meta:
        db_table = "error_groups"
        verbose_name = _("group of errors")
        verbose_name_plural = _("errors")
        default_permissions = ("view",)
        ordering: ClassVar = ["-last_seen", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["method", "error_class"], name="error_groups_method_class_unique"
            ),
        ]
        indexes: ClassVar = [
            # The list, newest first.
            models.Index(fields=["-last_seen", "-id"], name="error_groups_seen_idx"),
            # Whether somebody was told of a class.
            models.Index(fields=["error_class"], name="error_groups_class_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.error_class} · {self.method}"
