"""Business events, one row each."""

import uuid
from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField

MAX_NAME_LENGTH = 64
MAX_PERIOD_LENGTH = 16

# The event of a request that failed, with its kind and its user's UUID as tags.
FAILED_REQUEST = "request.failed"
KIND = "kind"
USER = "user"


class MetricType(models.TextChoices):
    """How the values of a metric are to be read."""

    COUNTER = "counter", _("counter")
    GAUGE = "gauge", _("gauge")
    HISTOGRAM = "histogram", _("histogram")
    RATE = "rate", _("rate")


class Metric(models.Model):
    """One business event or measurement; rows are only added, and the oldest go."""

    # COPY leaves the key to the database.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    name = PlainTextField(_("name"), max_length=MAX_NAME_LENGTH)
    value = models.FloatField(_("value"))
    metric_type = models.CharField(_("kind"), max_length=10, choices=MetricType, default=MetricType.COUNTER)
    tags = models.JSONField(_("tags"), default=dict, blank=True)
    timestamp = models.DateTimeField(_("at"), default=clock.now)
    period = PlainTextField(_("period"), max_length=MAX_PERIOD_LENGTH, blank=True, default="")

    class Meta:
        db_table = "metrics"
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="metrics_name_not_empty"),
            models.CheckConstraint(
                condition=Q(metric_type__in=MetricType.values), name="metrics_metric_type_known"
            ),
            # PostgreSQL orders NaN after Infinity.
            models.CheckConstraint(
                condition=Q(value__gt=float("-inf"), value__lt=float("inf")), name="metrics_value_finite"
            ),
        ]
        indexes: ClassVar = [
            # The events of one name within a stretch of time: roll-ups, the admin's filter.
            models.Index(fields=["name", "-timestamp", "id"], name="metrics_name_idx"),
            # cleanup_old_metrics, the admin's list: newest first.
            models.Index(fields=["-timestamp", "id"], name="metrics_timestamp_idx"),
            # A user's failed requests, which the admin searches for.
            GinIndex(
                fields=["tags"],
                opclasses=["jsonb_path_ops"],
                condition=Q(name=FAILED_REQUEST),
                name="metrics_failed_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
