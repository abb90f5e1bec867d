"""What is sold: an offer to one user, at a price that is fixed when it is made."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from subscriptions.models.plans import MAX_DAYS, MAX_STARS, PlanDuration
from subscriptions.tiers import SubscriptionTier
from users.models import User

# Source: Telegram Bot API, sendInvoice and createInvoiceLink.
MAX_PAYLOAD_BYTES = 128
MAX_TITLE_LENGTH = 32
MAX_DESCRIPTION_LENGTH = 255
RECURRING_DAYS = 30
MAX_RECURRING_STARS = 10_000


class OrderState(models.TextChoices):
    """Whether money has come for an order."""

    OPEN = "open", _("open")
    PAID = "paid", _("paid")


class RenewalState(models.TextChoices):
    """What Telegram says of a subscription that renews itself."""

    NONE = "", _("does not renew itself")
    ACTIVE = "active", _("renews itself")
    CANCELED = "canceled", _("cancelled")
    FAILED = "failed", _("renewal failed")


class Order(models.Model):
    """One offer. A trigger lets nothing change but its state and what Telegram says of its renewal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payload = PlainTextField(_("payload"), max_length=MAX_PAYLOAD_BYTES)
    user = models.ForeignKey(
        User, models.PROTECT, related_name="orders", db_index=False, verbose_name=_("user")
    )
    tier = models.CharField(_("tier"), max_length=10, choices=SubscriptionTier.paid_choices())
    duration = models.CharField(_("duration"), max_length=10, choices=PlanDuration)
    days = models.IntegerField(_("days"))
    stars = models.IntegerField(_("price in Stars"))
    list_stars = models.IntegerField(_("list price in Stars"))
    recurring = models.BooleanField(_("renews itself"), default=False)
    title = PlainTextField(_("title"), max_length=MAX_TITLE_LENGTH)
    description = PlainTextField(_("description"), max_length=MAX_DESCRIPTION_LENGTH)
    created_at = models.DateTimeField(_("made at"), default=clock.now)
    expires_at = models.DateTimeField(
        _("payable until"), help_text=_("Money that comes later is taken all the same.")
    )
    state = models.CharField(_("state"), max_length=10, choices=OrderState, default=OrderState.OPEN)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    renewal = models.CharField(
        _("renewal"), max_length=10, choices=RenewalState, blank=True, default=RenewalState.NONE
    )

    class Meta:
        db_table = "orders"
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        default_permissions = ("view",)
        permissions: ClassVar = [("switch_selling", "Can stop and resume selling")]
        constraints: ClassVar = [
            # Also serves the look-up of every pre-checkout query and payment.
            models.UniqueConstraint(fields=["payload"], name="orders_payload_unique"),
            models.CheckConstraint(condition=~Q(payload=""), name="orders_payload_not_empty"),
            models.CheckConstraint(condition=Q(tier__in=SubscriptionTier.paid()), name="orders_tier_known"),
            models.CheckConstraint(
                condition=Q(duration__in=PlanDuration.values), name="orders_duration_known"
            ),
            models.CheckConstraint(condition=Q(days__range=(1, MAX_DAYS)), name="orders_days_range"),
            models.CheckConstraint(
                condition=Q(stars__range=(1, MAX_STARS), list_stars__range=(1, MAX_STARS)),
                name="orders_stars_range",
            ),
            models.CheckConstraint(
                condition=Q(recurring=False) | Q(days=RECURRING_DAYS, stars__lte=MAX_RECURRING_STARS),
                name="orders_recurring_as_telegram_sells",
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.OPEN, paid_at__isnull=True)
                | Q(state=OrderState.PAID, paid_at__isnull=False),
                name="orders_state_whole",
            ),
            models.CheckConstraint(
                condition=Q(renewal=RenewalState.NONE) | Q(renewal__in=RenewalState.values, recurring=True),
                name="orders_renewal_known",
            ),
        ]
        indexes: ClassVar = [
            # The orders of one user, newest first.
            models.Index(fields=["user", "-created_at"], name="orders_user_idx"),
            # What renews itself, by its user: asked each minute by the job that warns of an end.
            models.Index(
                fields=["user"], condition=Q(renewal=RenewalState.ACTIVE), name="orders_renewing_idx"
            ),
            # What plans have brought: get_revenue_stats and get_month_report join thousands of rows.
            models.Index(fields=["id"], include=["duration"], name="orders_duration_idx"),
            # The admin's list: newest first.
            models.Index(fields=["-created_at", "id"], name="orders_created_idx"),
            # The same of those that renew themselves, which may be few.
            models.Index(
                fields=["-created_at", "id"], condition=Q(recurring=True), name="orders_recurring_idx"
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
