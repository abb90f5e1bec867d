"""Why staff usually do what they do about users."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BlockingReason(TextChoices):
    """Why a user is blocked."""

    SPAM = "spam", _("Spam or flood")
    ABUSE = "abuse", _("Abuse of the bot")
    FRAUD = "fraud", _("Fraud with payments or referrals")
    INSULTS = "insults", _("Insults to staff")


class UnblockingReason(TextChoices):
    """Why a user is unblocked."""

    APPEAL = "appeal", _("He has asked, and it is forgiven")
    MISTAKE = "mistake", _("Blocked by mistake")
