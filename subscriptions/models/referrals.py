"""Who brought whom."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from subscriptions.models.access import MAX_CODE_LENGTH, MAX_REASON_LENGTH
from users.models import User


class Referral(models.Model):
    """One user came by another one's code. A trigger lets nothing change but its voiding."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referrer = models.ForeignKey(
        User, models.PROTECT, related_name="referrals_made", db_index=False, verbose_name=_("referrer")
    )
    referee = models.OneToOneField(
        User, models.PROTECT, related_name="referral", verbose_name=_("referred user")
    )
    code = PlainTextField(_("code"), max_length=MAX_CODE_LENGTH)
    referrer_days = models.IntegerField(
        _("the referrer's days"), help_text=_("0: he had as many bonuses as the programme gives.")
    )
    referee_days = models.IntegerField(_("the referred user's days"))
    created_at = models.DateTimeField(_("at"), default=clock.now)
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("voided by"),
    )
    void_reason = models.CharField(_("why voided"), max_length=MAX_REASON_LENGTH, blank=True, default="")

    class Meta:
        db_table = "referrals"
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        default_permissions = ("view",)
        permissions: ClassVar = [("void_referral", "Can void referrals")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(referee=F("referrer")), name="referrals_not_oneself"),
            models.CheckConstraint(
                condition=Q(referrer_days__gte=0) & Q(referee_days__gte=0), name="referrals_days_range"
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="referrals_voiding_whole",
            ),
        ]
        indexes: ClassVar = [
            # How many bonuses a referrer had within the window.
            models.Index(fields=["referrer", "-created_at"], name="referrals_referrer_idx"),
            # What staff search for.
            models.Index(fields=["code"], name="referrals_code_idx"),
            # The admin's list: newest first.
            models.Index(fields=["-created_at", "id"], name="referrals_created_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
