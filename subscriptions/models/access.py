"""Who may do what: grants are the facts, the subscription row shows what they come to."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from subscriptions.tiers import SubscriptionTier
from users.models import User

MAX_CODE_LENGTH = 32
MAX_REASON_LENGTH = 500
LONGEST = timedelta(days=36_500)  # longer is for ever: NULL


class UserSubscription(models.Model):
    """What a user's grants come to, his requests of today, his referral code.

    `tier` until `expires_at` (NULL: for ever), then `next_tier` until `next_expires_at`, then free. Who
    decides something reads these columns and the clock, never the stored tier alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, models.CASCADE, related_name="subscription", verbose_name=_("user"))
    tier = models.CharField(_("tier"), max_length=10, choices=SubscriptionTier, default=SubscriptionTier.FREE)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    next_tier = models.CharField(  # noqa: DJ001 - NULL: nothing follows
        _("then"), max_length=10, choices=SubscriptionTier, null=True, blank=True
    )
    next_expires_at = models.DateTimeField(_("then until"), null=True, blank=True)
    daily_requests = models.IntegerField(_("requests today"), default=0)
    last_reset_date = models.DateField(
        _("day of the requests"),
        null=True,
        blank=True,
        help_text=_("The day, in the bot's time zone, that the number of requests belongs to."),
    )
    auto_renew = models.BooleanField(_("renews itself"), default=False)
    renewal_failed_at = models.DateTimeField(_("renewal failed at"), null=True, blank=True)
    payment_method = PlainTextField(_("paid by"), max_length=32, blank=True, default="")
    referral_code = PlainTextField(_("referral code"), max_length=MAX_CODE_LENGTH, null=True, blank=True)
    referred_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("referred by")
    )
    referrals_count = models.IntegerField(_("referrals"), default=0)
    created_at = models.DateTimeField(_("made at"), default=clock.now)
    updated_at = models.DateTimeField(_("changed at"), default=clock.now)

    # No column: what it was before `check_and_expire_subscriptions` moved it on.
    previous_tier: str = ""

    class Meta:
        db_table = "user_subscriptions"
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        default_permissions = ("view",)
        permissions: ClassVar = [
            ("grant_access", "Can give access for a month at most"),
            ("grant_freely", "Can give access for any time, and to many users at once"),
            ("reset_requests", "Can reset a day's requests"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["referral_code"], name="user_subscriptions_referral_code_unique"),
            models.CheckConstraint(
                condition=Q(tier__in=SubscriptionTier.values), name="user_subscriptions_tier_known"
            ),
            models.CheckConstraint(
                condition=Q(next_tier__isnull=True) | Q(next_tier__in=SubscriptionTier.paid()),
                name="user_subscriptions_next_tier_known",
            ),
            # NULL as an end means for ever, so what is free has none and nothing follows it.
            models.CheckConstraint(
                condition=~Q(tier=SubscriptionTier.FREE)
                | Q(expires_at__isnull=True, next_tier__isnull=True, next_expires_at__isnull=True),
                name="user_subscriptions_free_has_no_end",
            ),
            models.CheckConstraint(
                condition=Q(next_tier__isnull=True, next_expires_at__isnull=True)
                | Q(next_tier__isnull=False, expires_at__isnull=False),
                name="user_subscriptions_next_follows_an_end",
            ),
            models.CheckConstraint(
                condition=Q(next_expires_at__isnull=True) | Q(next_expires_at__gt=F("expires_at")),
                name="user_subscriptions_next_ends_later",
            ),
            models.CheckConstraint(
                condition=Q(daily_requests__gte=0), name="user_subscriptions_daily_requests_range"
            ),
            models.CheckConstraint(
                condition=Q(referrals_count__gte=0), name="user_subscriptions_referrals_count_range"
            ),
            models.CheckConstraint(
                condition=Q(referral_code__isnull=True) | ~Q(referral_code=""),
                name="user_subscriptions_referral_code_not_empty",
            ),
            models.CheckConstraint(
                condition=Q(referred_by__isnull=True) | ~Q(referred_by=F("user")),
                name="user_subscriptions_not_referred_by_oneself",
            ),
        ]
        indexes: ClassVar = [
            # The expiry job, get_expiring_subscriptions.
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False),
                name="user_subscriptions_expires_idx",
            ),
            # get_subscription_stats: the best referrers.
            models.Index(
                fields=["-referrals_count"],
                condition=Q(referrals_count__gt=0),
                name="user_subscriptions_refer_idx",
            ),
            # get_all, the admin's list: newest first.
            models.Index(fields=["-created_at", "id"], name="user_subscriptions_created_idx"),
            # The same of those that renew themselves, which may be few.
            models.Index(
                fields=["-created_at", "id"],
                condition=Q(auto_renew=True),
                name="user_subscriptions_renew_idx",
            ),
            # get_tiers_in_force, the admin's filter by tier in force: all that they read.
            models.Index(
                fields=["tier", "expires_at", "next_tier", "next_expires_at"],
                include=["user"],
                condition=~Q(tier=SubscriptionTier.FREE),
                name="user_subs_in_force_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class GrantSource(models.TextChoices):
    """Why access was given."""

    PAYMENT = "payment", _("payment")
    REFERRAL = "referral", _("referral")
    ADMIN = "admin", _("staff")
    LEGACY = "legacy", _("old bot")


class Grant(models.Model):
    """One fact: a user was given a tier for a while. A trigger lets nothing change but its revocation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.PROTECT, related_name="grants", db_index=False, verbose_name=_("user")
    )
    tier = models.CharField(_("tier"), max_length=10, choices=SubscriptionTier.paid_choices())
    starts_at = models.DateTimeField(_("from"))
    duration = models.DurationField(_("for"), null=True, blank=True, help_text=_("Empty: for ever."))
    source = models.CharField(_("why"), max_length=10, choices=GrantSource)
    payment = models.OneToOneField(
        "subscriptions.Payment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grant",
        verbose_name=_("payment"),
    )
    referral = models.ForeignKey(
        "subscriptions.Referral",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="grants",
        verbose_name=_("referral"),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("given by"),
    )
    reason = models.CharField(_("reason"), max_length=MAX_REASON_LENGTH, blank=True, default="")
    request_id = models.CharField(  # noqa: DJ001 - unique where there is one
        _("request id"), max_length=64, null=True, blank=True
    )
    created_at = models.DateTimeField(_("given at"), default=clock.now)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("revoked by"),
    )
    revoke_reason = models.CharField(_("why revoked"), max_length=MAX_REASON_LENGTH, blank=True, default="")

    class Meta:
        db_table = "grants"
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        default_permissions = ("view",)
        permissions: ClassVar = [("revoke_grant", "Can revoke grants")]
        constraints: ClassVar = [
            # A double click, a repeated call: one grant.
            models.UniqueConstraint(fields=["request_id"], name="grants_request_id_unique"),
            models.UniqueConstraint(fields=["referral", "user"], name="grants_referral_user_unique"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(source=GrantSource.LEGACY), name="grants_legacy_user_unique"
            ),
            models.CheckConstraint(condition=Q(tier__in=SubscriptionTier.paid()), name="grants_tier_known"),
            models.CheckConstraint(condition=Q(source__in=GrantSource.values), name="grants_source_known"),
            models.CheckConstraint(
                condition=Q(duration__isnull=True) | Q(duration__gt=timedelta(0), duration__lte=LONGEST),
                name="grants_duration_range",
            ),
            models.CheckConstraint(
                condition=Q(source=GrantSource.REFERRAL, referral__isnull=False)
                | (~Q(source=GrantSource.REFERRAL) & Q(referral__isnull=True)),
                name="grants_referral_matches_source",
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=True) | Q(source=GrantSource.PAYMENT),
                name="grants_payment_matches_source",
            ),
            # Staff sign what they give; nobody else does.
            models.CheckConstraint(
                condition=(Q(source=GrantSource.ADMIN, actor__isnull=False) & ~Q(reason=""))
                | (~Q(source=GrantSource.ADMIN) & Q(actor__isnull=True)),
                name="grants_actor_matches_source",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True, revoke_reason="")
                | (Q(revoked_at__isnull=False) & ~Q(revoke_reason="")),
                name="grants_revocation_whole",
            ),
        ]
        indexes: ClassVar = [
            # The projection of a user; the grants on his page.
            models.Index(fields=["user", "starts_at"], name="grants_user_idx"),
            # The admin's list: newest first.
            models.Index(fields=["-created_at", "id"], name="grants_created_idx"),
            # The same of one source; some are rare.
            models.Index(fields=["source", "-created_at", "id"], name="grants_source_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
