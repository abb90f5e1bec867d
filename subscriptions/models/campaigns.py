"""Access that is given to many users at once, each of them once."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.fields import PlainTextField
from subscriptions.models.access import MAX_REASON_LENGTH, Grant
from subscriptions.models.plans import MAX_DAYS
from subscriptions.tiers import SubscriptionTier
from users.models import User

MAX_NAME_LENGTH = 100


class Campaign(models.Model):
    """What is given to its members, and why. The same name, in any case, is the same campaign."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = PlainTextField(_("name"), max_length=MAX_NAME_LENGTH)
    tier = models.CharField(
        _("tier"),
        max_length=10,
        choices=SubscriptionTier.paid_choices(),
        blank=True,
        default="",
        help_text=_("Empty: more of what each user has."),
    )
    days = models.IntegerField(_("days"))
    reason = models.CharField(_("reason"), max_length=MAX_REASON_LENGTH)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("given by")
    )
    members = models.IntegerField(_("users"), default=0)
    created_at = models.DateTimeField(_("made at"), default=clock.now)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        db_table = "campaigns"
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="campaigns_name_unique"),
            models.CheckConstraint(
                condition=Q(tier="") | Q(tier__in=SubscriptionTier.paid()), name="campaigns_tier_known"
            ),
            models.CheckConstraint(condition=Q(days__range=(1, MAX_DAYS)), name="campaigns_days_range"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(reason=""), name="campaigns_name_and_reason_not_empty"
            ),
        ]
        indexes: ClassVar = [
            # The admin's list: newest first.
            models.Index(fields=["-created_at", "id"], name="campaigns_created_idx"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class MemberRefusal(models.TextChoices):
    """Why a member is given nothing."""

    ERASED = "erased", _("erased")
    BLOCKED = "blocked", _("blocked")
    NO_ACCESS = "no_access", _("has no paid tier to extend")
    FOR_EVER = "for_ever", _("has this tier for ever")


class CampaignMember(models.Model):
    """One user of a campaign: given once, or refused, and then done with."""

    pk = models.CompositePrimaryKey("campaign_id", "user_id")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="campaign_memberships")
    grant = models.OneToOneField(Grant, models.PROTECT, null=True, related_name="campaign_member")
    refusal = models.CharField(max_length=10, choices=MemberRefusal, blank=True, default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "campaign_members"
        verbose_name = _("user of a campaign")
        verbose_name_plural = _("users of campaigns")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, grant__isnull=True, refusal="")
                | Q(done_at__isnull=False, grant__isnull=False, refusal="")
                | (Q(done_at__isnull=False, grant__isnull=True) & Q(refusal__in=MemberRefusal.values)),
                name="campaign_members_given_or_refused",
            ),
        ]
        indexes: ClassVar = [
            # Who is still to be given, in the order in which their rows are locked.
            models.Index(
                fields=["campaign", "user"],
                condition=Q(done_at__isnull=True),
                name="campaign_members_waiting_idx",
            ),
            # How many were refused, and why.
            models.Index(
                fields=["campaign", "refusal"],
                condition=~Q(refusal=""),
                name="campaign_members_refused_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} of campaign {self.campaign_id}"
