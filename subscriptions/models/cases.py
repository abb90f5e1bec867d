"""What buyers complain about with /paysupport, and what staff propose to finance."""

import uuid
from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from subscriptions.models.access import MAX_REASON_LENGTH
from subscriptions.models.payments import MAX_CHARGE_ID_LENGTH, Payment
from users.models import User

MAX_CASE_LENGTH = 4_000


class CaseKind(models.TextChoices):
    """Who speaks: the buyer, or one of staff who asks for what he may not do himself."""

    COMPLAINT = "complaint", _("complaint")
    PROPOSAL = "proposal", _("proposed refund")


class PaymentCase(models.Model):
    """One complaint, or one proposal; a user has at most one of each that is open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="payment_cases", verbose_name=_("user"))
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=CaseKind,
        default=CaseKind.COMPLAINT,
        db_default=CaseKind.COMPLAINT,  # those who run older code write complaints
    )
    text = models.TextField(_("what he says"), max_length=MAX_CASE_LENGTH)
    charge_id = models.CharField(
        _("charge id"), max_length=MAX_CHARGE_ID_LENGTH, blank=True, default="", help_text=_("As he gave it.")
    )
    created_at = models.DateTimeField(_("opened at"), default=clock.now)
    updated_at = models.DateTimeField(_("last heard of at"), default=clock.now)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    resolution = models.CharField(_("how it ended"), max_length=MAX_REASON_LENGTH, blank=True, default="")

    # No column: his last payments, where they were asked for.
    last_payments: Sequence[Payment] = ()

    class Meta:
        db_table = "payment_cases"
        verbose_name = _("payment case")
        verbose_name_plural = _("payment cases")
        default_permissions = ("view",)
        permissions: ClassVar = [
            ("open_paymentcase", "Can open payment cases"),
            ("close_paymentcase", "Can close payment cases"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=Q(closed_at__isnull=True),
                name="payment_cases_open_user_kind_unique",
            ),
            models.CheckConstraint(condition=Q(kind__in=CaseKind.values), name="payment_cases_kind_known"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, resolution="")
                | (Q(closed_at__isnull=False) & ~Q(resolution="")),
                name="payment_cases_closing_whole",
            ),
        ]
        indexes: ClassVar = [
            # get_open_cases: the longest waiting first.
            models.Index(
                fields=["created_at", "id"],
                condition=Q(closed_at__isnull=True),
                name="payment_cases_open_idx",
            ),
            # What staff search for.
            models.Index(fields=["charge_id"], condition=~Q(charge_id=""), name="payment_cases_charge_idx"),
            # The admin's list: newest first.
            models.Index(fields=["-created_at", "id"], name="payment_cases_created_idx"),
            # The same of one kind; proposals are few.
            models.Index(fields=["kind", "-created_at", "id"], name="payment_cases_kind_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
