"""Money that came, or is expected: what was received stands apart from what was checked."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from subscriptions.models.orders import Order
from subscriptions.models.plans import MAX_DAYS, MAX_STARS
from subscriptions.tiers import SubscriptionTier
from users.models import User

MAX_CHARGE_ID_LENGTH = 255
MAX_RECEIVED_LENGTH = 256
MAX_CURRENCY_LENGTH = 16
MAX_ODD_LENGTH = 1_000
MAX_ERROR_LENGTH = 256


class PaymentStatus(models.TextChoices):
    """How far a payment has come; `subscriptions.payments.states` says what may follow what."""

    PENDING = "pending", _("expected")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")
    NEEDS_REVIEW = "needs_review", _("in review")
    REFUND_PENDING = "refund_pending", _("refund awaited")
    REFUNDED = "refunded", _("refunded")


class ReviewReason(models.TextChoices):
    """Why money could not be matched, and waits for a person."""

    UNKNOWN_PAYLOAD = "unknown_payload", _("no order has this payload")
    UNKNOWN_USER = "unknown_user", _("the buyer is unknown")
    OTHER_PAYER = "other_payer", _("somebody else has paid")
    CURRENCY = "currency", _("not paid in Stars")
    AMOUNT = "amount", _("the amount is not the price")
    ALREADY_PAID = "already_paid", _("the order had been paid before")
    UNREADABLE = "unreadable", _("the notice could not be read whole")
    REFUND_FIRST = "refund_first", _("its refund was heard of first")


class ChargeKind(models.TextChoices):
    """What Telegram said of a charge of a subscription."""

    ONCE = "", _("once")
    FIRST = "first", _("first of a subscription")
    RENEWAL = "renewal", _("renewal")
    RECURRING = "recurring", _("of a subscription")  # the list of transactions does not say which


class Payment(models.Model):
    """One charge, or the expectation of one. A trigger keeps its facts and refuses illegal transitions.

    `amount`, `tier` and `days` are checked, and NULL only as long as nobody has matched the money.
    `payer_telegram_id` and the `received_...` columns are what came, as it came, and decide nothing; thirty
    days after the end of the matter the payer and the payload are forgotten.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("order")
    )
    user = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        db_index=False,
        verbose_name=_("user"),
    )
    amount = models.IntegerField(_("Stars"), null=True, blank=True)
    tier = models.CharField(  # noqa: DJ001 - NULL: nobody knows yet
        _("tier"), max_length=10, choices=SubscriptionTier.paid_choices(), null=True, blank=True
    )
    days = models.IntegerField(_("days"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=16, choices=PaymentStatus, default=PaymentStatus.PENDING
    )
    telegram_payment_charge_id = models.CharField(  # noqa: DJ001 - unique where there is one
        _("charge id"), max_length=MAX_CHARGE_ID_LENGTH, null=True, blank=True
    )
    provider_payment_charge_id = models.CharField(
        _("provider's charge id"), max_length=MAX_CHARGE_ID_LENGTH, blank=True, default=""
    )
    charge_kind = models.CharField(
        _("kind of charge"), max_length=10, choices=ChargeKind, blank=True, default=ChargeKind.ONCE
    )
    review_reason = models.CharField(
        _("why in review"), max_length=20, choices=ReviewReason, blank=True, default=""
    )

    payer_telegram_id = models.BigIntegerField(_("payer"), null=True, blank=True)
    received_amount = models.BigIntegerField(_("received amount"), null=True, blank=True)
    received_currency = models.CharField(
        _("received currency"), max_length=MAX_CURRENCY_LENGTH, blank=True, default=""
    )
    received_payload = models.CharField(
        _("received payload"), max_length=MAX_RECEIVED_LENGTH, blank=True, default=""
    )
    received_odd = models.CharField(
        _("received besides"),
        max_length=MAX_ODD_LENGTH,
        blank=True,
        default="",
        help_text=_("Values of the notice that fit no column."),
    )
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)

    created_at = models.DateTimeField(_("made at"), default=clock.now)
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)
    refunded_at = models.DateTimeField(_("refunded at"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=MAX_ERROR_LENGTH, blank=True, default="")

    refund_requested_at = models.DateTimeField(_("refund asked for at"), null=True, blank=True)
    refund_claimed_until = models.DateTimeField(_("refund claimed until"), null=True, blank=True)
    refund_attempts = models.IntegerField(_("attempts to refund"), default=0)

    class Meta:
        db_table = "payments"
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        default_permissions = ("view",)  # nobody writes money by hand
        permissions: ClassVar = [
            ("resolve_payment", "Can resolve payments in review"),
            ("refund_payment", "Can give payments back, and take that back"),
            ("export_payment", "Can export payments"),
            ("report_payment", "Can see the report of a month"),
        ]
        constraints: ClassVar = [
            # Exactly once rests on it.
            models.UniqueConstraint(
                fields=["telegram_payment_charge_id"], name="payments_telegram_payment_charge_id_unique"
            ),
            models.CheckConstraint(
                condition=Q(status__in=PaymentStatus.values), name="payments_status_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__range=(1, MAX_STARS)),
                name="payments_amount_range",
            ),
            models.CheckConstraint(
                condition=Q(tier__isnull=True) | Q(tier__in=SubscriptionTier.paid()),
                name="payments_tier_known",
            ),
            models.CheckConstraint(
                condition=Q(days__isnull=True) | Q(days__range=(1, MAX_DAYS)), name="payments_days_range"
            ),
            models.CheckConstraint(
                condition=Q(review_reason="") | Q(review_reason__in=ReviewReason.values),
                name="payments_review_reason_known",
            ),
            models.CheckConstraint(
                condition=Q(charge_kind__in=ChargeKind.values), name="payments_charge_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(refund_attempts__gte=0), name="payments_refund_attempts_range"
            ),
            # What is expected has an order and no charge; what came has a charge.
            models.CheckConstraint(
                condition=Q(
                    status__in=[PaymentStatus.PENDING, PaymentStatus.FAILED],
                    telegram_payment_charge_id__isnull=True,
                    order__isnull=False,
                    user__isnull=False,
                    completed_at__isnull=True,
                )
                | Q(
                    status__in=[
                        PaymentStatus.COMPLETED,
                        PaymentStatus.NEEDS_REVIEW,
                        PaymentStatus.REFUND_PENDING,
                        PaymentStatus.REFUNDED,
                    ],
                    telegram_payment_charge_id__isnull=False,
                ),
                name="payments_charge_matches_status",
            ),
            models.CheckConstraint(
                condition=Q(telegram_payment_charge_id__isnull=True) | ~Q(telegram_payment_charge_id=""),
                name="payments_charge_not_empty",
            ),
            # Completed money is matched whole.
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True)
                | Q(user__isnull=False, amount__isnull=False, tier__isnull=False, days__isnull=False),
                name="payments_completed_is_checked",
            ),
            models.CheckConstraint(
                condition=~Q(status=PaymentStatus.COMPLETED) | Q(completed_at__isnull=False),
                name="payments_completed_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(status=PaymentStatus.REFUNDED, refunded_at__isnull=False)
                | (~Q(status=PaymentStatus.REFUNDED) & Q(refunded_at__isnull=True)),
                name="payments_refunded_has_a_moment",
            ),
            # What was granted once is in review no more: a refund that is taken back ends where it began.
            models.CheckConstraint(
                condition=~Q(status=PaymentStatus.NEEDS_REVIEW) | Q(completed_at__isnull=True),
                name="payments_review_is_not_completed",
            ),
            models.CheckConstraint(
                condition=~Q(status=PaymentStatus.NEEDS_REVIEW) | ~Q(review_reason=""),
                name="payments_review_has_a_reason",
            ),
        ]
        indexes: ClassVar = [
            # get_user_payments, newest first.
            models.Index(fields=["user", "-created_at"], name="payments_user_idx"),
            # Who had paid before: get_month_report.
            models.Index(
                fields=["user", "completed_at"],
                condition=Q(completed_at__isnull=False),
                name="payments_buyer_idx",
            ),
            # get_revenue_stats.
            models.Index(
                fields=["completed_at"],
                include=["amount"],
                condition=Q(completed_at__isnull=False),
                name="payments_earned_idx",
            ),
            # get_churn: who bought so much at once that he has paid nothing for a long time since.
            models.Index(
                fields=["completed_at"],
                include=["user", "days"],
                condition=Q(completed_at__isnull=False, days__gt=31),
                name="payments_long_idx",
            ),
            # get_revenue_stats: money that went back.
            models.Index(
                fields=["refunded_at"],
                include=["completed_at", "amount"],
                condition=Q(refunded_at__isnull=False),
                name="payments_went_back_idx",
            ),
            # get_payments_to_review, get_refunds_to_submit; few rows.
            models.Index(
                fields=["status", "created_at"],
                condition=Q(status__in=[PaymentStatus.NEEDS_REVIEW, PaymentStatus.REFUND_PENDING]),
                name="payments_waiting_idx",
            ),
            # The admin's list: newest first.
            models.Index(fields=["-created_at", "id"], name="payments_created_idx"),
            # The same by its filters; some choices are rare.
            models.Index(fields=["status", "-created_at", "id"], name="payments_status_idx"),
            models.Index(
                fields=["review_reason", "-created_at", "id"],
                condition=~Q(review_reason=""),
                name="payments_review_idx",
            ),
            # What staff search for after a complaint.
            models.Index(
                fields=["payer_telegram_id"],
                condition=Q(payer_telegram_id__isnull=False),
                name="payments_payer_idx",
            ),
            models.Index(
                fields=["received_payload"],
                condition=~Q(received_payload=""),
                name="payments_received_payload_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def payload(self) -> str:
        """What goes into the invoice: the payload of its order, "" without one."""
        return self.order.payload if self.order else ""
