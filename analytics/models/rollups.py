"""Sums over hours and days that are over, and how far they go."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from users.models import User

MAX_COUNT_LENGTH = 32
MAX_KEY_LENGTH = 64
MAX_ZONE_LENGTH = 64
HOURS_HAVE_NO_ZONE = ""


class Span(models.TextChoices):
    """How long a stretch of time is that is summed up; weeks and months only where days cannot be added."""

    HOUR = "hour", _("hour")
    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")


class RollUp(models.Model):
    """The value of one count within one stretch of time that is over, made anew at need.

    Hours are those of UTC and belong to every zone; days, weeks and months are those of the calendar of
    `zone`. `key` tells parts of a count apart, such as the tiers of revenue. What is 0 has no row.

    `gone` is what of the value no row of that hour or day says any more: rows have been pruned, or folded
    into another hour, where it is negative. So rows and `gone` are the value at any time.
    """

    pk = models.CompositePrimaryKey("name", "span", "zone", "start", "key")
    name = models.CharField(_("count"), max_length=MAX_COUNT_LENGTH)
    span = models.CharField(_("span"), max_length=5, choices=Span)
    zone = models.CharField(_("time zone"), max_length=MAX_ZONE_LENGTH, blank=True)
    start = models.DateTimeField(_("beginning"))
    key = models.CharField(_("part"), max_length=MAX_KEY_LENGTH, blank=True, default="")
    value = models.BigIntegerField(_("value"))
    gone = models.BigIntegerField(_("without rows"), default=0, db_default=0)

    class Meta:
        # The primary key serves every reading: one count, one span, a stretch of time.
        db_table = "roll_ups"
        verbose_name = _("roll-up")
        verbose_name_plural = _("roll-ups")
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(span__in=Span.values), name="roll_ups_span_known"),
            models.CheckConstraint(
                condition=Q(span=Span.HOUR, zone="") | (~Q(span=Span.HOUR) & ~Q(zone="")),
                name="roll_ups_hours_have_no_zone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of the {self.span} from {self.start:%Y-%m-%d %H:%M}"


class Watermark(models.Model):
    """Up to when one count is summed up, by one span in one zone."""

    pk = models.CompositePrimaryKey("name", "span", "zone")
    name = models.CharField(_("count"), max_length=MAX_COUNT_LENGTH)
    span = models.CharField(_("span"), max_length=5, choices=Span)
    zone = models.CharField(_("time zone"), max_length=MAX_ZONE_LENGTH, blank=True)
    until = models.DateTimeField(_("until"))

    class Meta:
        db_table = "roll_up_watermarks"
        verbose_name = _("watermark")
        verbose_name_plural = _("watermarks")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} by {self.span} until {self.until:%Y-%m-%d %H:%M}"


class LateHour(models.Model):
    """An hour that something came for after it had been summed up. Triggers of the sources write it."""

    source = models.CharField(_("table"), max_length=32)
    hour = models.DateTimeField(_("hour"))

    class Meta:
        # Mostly there are none. An import leaves one for each hour or row; they are read with every figure.
        db_table = "roll_up_late_hours"
        verbose_name = _("late hour")
        verbose_name_plural = _("late hours")
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["source", "hour"], name="roll_up_late_hours_idx")]

    def __str__(self) -> str:
        return f"{self.source} at {self.hour:%Y-%m-%d %H:00}"


class ActiveMonth(models.Model):
    """The days of one month on which a user was active: bit n - 1 of `days` stands for the n-th.

    Users who were active on any of some days cannot be added up from days; they are counted from here.
    """

    pk = models.CompositePrimaryKey("zone", "month", "user_id")
    zone = models.CharField(_("time zone"), max_length=MAX_ZONE_LENGTH)
    month = models.DateField(_("first day of the month"))
    user = models.ForeignKey(User, models.CASCADE, related_name="active_months", verbose_name=_("user"))
    days = models.IntegerField(_("days"))

    class Meta:
        db_table = "active_months"
        verbose_name = _("month of a user")
        verbose_name_plural = _("months of users")
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(days__range=(1, 2**31 - 1)), name="active_months_days_range"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} of user {self.user_id}"
