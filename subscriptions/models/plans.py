"""What the tiers allow and cost, and what a referral brings. Staff change these rows; rules read them."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from subscriptions.tiers import SubscriptionTier

UNLIMITED = -1
MAX_STARS = 100_000
MAX_DAYS = 3_650
MAX_LIMIT = 1_000_000


class PlanDuration(models.TextChoices):
    """For how long a tier is sold."""

    MONTHLY = "monthly", _("monthly")
    YEARLY = "yearly", _("yearly")


class TierLimits(models.Model):
    """What one tier allows."""

    tier = models.CharField(_("tier"), max_length=10, choices=SubscriptionTier, primary_key=True)
    daily_requests = models.IntegerField(
        _("requests a day"),
        validators=[MinValueValidator(UNLIMITED), MaxValueValidator(MAX_LIMIT)],
        help_text=_("-1 means as many as one likes."),
    )
    matches_history = models.IntegerField(
        _("matches kept"), validators=[MinValueValidator(1), MaxValueValidator(MAX_LIMIT)]
    )
    advanced_analytics = models.BooleanField(_("advanced analytics"), default=False)
    notifications = models.BooleanField(_("notifications"), default=False)
    api_access = models.BooleanField(_("API access"), default=False)
    priority_support = models.BooleanField(_("priority support"), default=False)
    updated_at = models.DateTimeField(_("changed at"), default=clock.now)

    class Meta:
        db_table = "tier_limits"
        verbose_name = _("limits of a tier")
        verbose_name_plural = _("limits of the tiers")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(tier__in=SubscriptionTier.values), name="tier_limits_tier_known"
            ),
            models.CheckConstraint(
                condition=Q(daily_requests__range=(UNLIMITED, MAX_LIMIT)),
                name="tier_limits_daily_requests_range",
            ),
            models.CheckConstraint(
                condition=Q(matches_history__range=(1, MAX_LIMIT)), name="tier_limits_matches_history_range"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_tier_display())


class PlanPrice(models.Model):
    """What a tier costs for a while. A plan is taken off sale, never deleted."""

    tier = models.CharField(_("tier"), max_length=10, choices=SubscriptionTier)
    duration = models.CharField(_("duration"), max_length=10, choices=PlanDuration)
    days = models.IntegerField(_("days"), validators=[MinValueValidator(1), MaxValueValidator(MAX_DAYS)])
    stars = models.IntegerField(
        _("price in Stars"), validators=[MinValueValidator(1), MaxValueValidator(MAX_STARS)]
    )
    on_sale = models.BooleanField(_("on sale"), default=True)
    updated_at = models.DateTimeField(_("changed at"), default=clock.now)

    class Meta:
        db_table = "plan_prices"
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering: ClassVar = ["stars"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tier", "duration"], name="plan_prices_tier_duration_unique"),
            models.CheckConstraint(
                condition=Q(tier__in=SubscriptionTier.paid()), name="plan_prices_tier_known"
            ),
            models.CheckConstraint(
                condition=Q(duration__in=PlanDuration.values), name="plan_prices_duration_known"
            ),
            models.CheckConstraint(condition=Q(days__range=(1, MAX_DAYS)), name="plan_prices_days_range"),
            models.CheckConstraint(condition=Q(stars__range=(1, MAX_STARS)), name="plan_prices_stars_range"),
        ]

    def __str__(self) -> str:
        return f"{self.get_tier_display()}, {self.get_duration_display()}"


class ReferralProgramme(models.Model):
    """What both sides of a referral get; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    referrer_tier = models.CharField(
        _("the referrer's tier"), max_length=10, choices=SubscriptionTier.paid_choices()
    )
    referrer_days = models.IntegerField(
        _("the referrer's days"), validators=[MinValueValidator(0), MaxValueValidator(MAX_DAYS)]
    )
    referee_tier = models.CharField(
        _("the referred user's tier"), max_length=10, choices=SubscriptionTier.paid_choices()
    )
    referee_days = models.IntegerField(
        _("the referred user's days"), validators=[MinValueValidator(0), MaxValueValidator(MAX_DAYS)]
    )
    most_bonuses = models.IntegerField(
        _("most bonuses of a referrer"),
        validators=[MinValueValidator(0), MaxValueValidator(MAX_LIMIT)],
        help_text=_("Within the number of days below; further referrals are recorded without a bonus."),
    )
    window_days = models.IntegerField(
        _("within days"), validators=[MinValueValidator(1), MaxValueValidator(MAX_DAYS)]
    )
    updated_at = models.DateTimeField(_("changed at"), default=clock.now)

    class Meta:
        db_table = "referral_programme"
        verbose_name = _("referral programme")
        verbose_name_plural = _("referral programme")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="referral_programme_one_row"),
            models.CheckConstraint(
                condition=Q(referrer_tier__in=SubscriptionTier.paid())
                & Q(referee_tier__in=SubscriptionTier.paid()),
                name="referral_programme_tiers_known",
            ),
            models.CheckConstraint(
                condition=Q(referrer_days__range=(0, MAX_DAYS))
                & Q(referee_days__range=(0, MAX_DAYS))
                & Q(most_bonuses__range=(0, MAX_LIMIT))
                & Q(window_days__range=(1, MAX_DAYS)),
                name="referral_programme_numbers_range",
            ),
        ]

    def __str__(self) -> str:
        return str(_("referral programme"))
