"""What the bot is to tell users: an outbox."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from users.models import User


class NoticeKind(models.TextChoices):
    """What a notice says; `faceitbot.texts` has a sentence for each."""

    EXPIRING = "expiring", _("ends soon")
    EXPIRED = "expired", _("has ended")
    RENEWED = "renewed", _("renewed")
    RENEWAL_FAILED = "renewal_failed", _("renewal failed")
    GRANTED_BY_STAFF = "granted_by_staff", _("given by staff")
    REFUNDED = "refunded", _("refunded")
    PAYMENT_RESOLVED = "payment_resolved", _("payment resolved")
    REFERRAL_BONUS = "referral_bonus", _("referral bonus")


class Notice(models.Model):
    """One thing to tell a user, written in the transaction of its cause, delivered at least once.

    A bot's process claims it until `claimed_until`; when it dies, another one claims it after that moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="notices", db_index=False, verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind)
    data = models.JSONField(_("values"), default=dict, blank=True)
    # Says what the notice is about; the same thing is told once.
    subject = models.CharField(_("about"), max_length=100)
    created_at = models.DateTimeField(_("written at"), default=clock.now)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    attempts = models.IntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up at"), null=True, blank=True)

    class Meta:
        db_table = "notices"
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject"], name="notices_kind_subject_unique"),
            models.CheckConstraint(condition=Q(kind__in=NoticeKind.values), name="notices_kind_known"),
            models.CheckConstraint(condition=Q(attempts__gte=0), name="notices_attempts_range"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(given_up_at__isnull=True), name="notices_one_end"
            ),
        ]
        indexes: ClassVar = [
            # claim_notices: what is still to be sent, oldest first.
            models.Index(
                fields=["created_at", "id"],
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="notices_pending_idx",
            ),
            # The admin's list: newest first.
            models.Index(fields=["-created_at", "id"], name="notices_created_idx"),
            # The same of one kind; some are rare.
            models.Index(fields=["kind", "-created_at", "id"], name="notices_kind_idx"),
            # The notices of one user, newest first.
            models.Index(fields=["user", "-created_at"], name="notices_user_idx"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
