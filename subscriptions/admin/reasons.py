"""Why staff usually do what they do about access and money."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class GivingReason(TextChoices):
    """Why access is given."""

    OUTAGE = "outage", _("Compensation for an outage")
    COMPLAINT = "complaint", _("Compensation after a complaint")
    PRIZE = "prize", _("Prize")
    PARTNER = "partner", _("Partner or tester")
    MISTAKE = "mistake", _("Mistake of staff mended")


class RevokingReason(TextChoices):
    """Why access is taken back."""

    MISTAKE = "mistake", _("Given by mistake")
    ABUSE = "abuse", _("Abuse")
    ASKED = "asked", _("The user asked for it")


class ResettingReason(TextChoices):
    """Why the requests of a day are set back."""

    LOST = "lost", _("Requests were counted without an answer")
    OUTAGE = "outage", _("Compensation for an outage")
    COMPLAINT = "complaint", _("Compensation after a complaint")


class RefundingReason(TextChoices):
    """Why money goes back."""

    ASKED = "asked", _("The buyer asked for it")
    TWICE = "twice", _("Paid twice")
    NOTHING = "nothing", _("The buyer could not use what he paid for")
    STRANGER = "stranger", _("Paid by another person")


class KeepingReason(TextChoices):
    """Why money does not go back after all."""

    STAYS = "stays", _("The buyer stays")
    MISTAKE = "mistake", _("Requested by mistake")


class ResolvingReason(TextChoices):
    """Why money in review buys access."""

    FRIEND = "friend", _("Somebody paid for the user")
    CONFIRMED = "confirmed", _("The buyer has confirmed what he wanted")
    OLD = "old", _("An invoice of the old bot")
    AMOUNT = "amount", _("The amount is accepted as it is")


class ClosingReason(TextChoices):
    """How a case ended."""

    EXPLAINED = "explained", _("Explained to the buyer")
    GRANTED = "granted", _("Access was given")
    REFUNDED = "refunded", _("The money goes back")
    SILENT = "silent", _("The buyer does not answer")


class VoidingReason(TextChoices):
    """Why a referral does not count."""

    SAME = "same", _("One person with two accounts")
    PAID = "paid", _("Referrals were bought")


class SellingReason(TextChoices):
    """Why selling stops or goes on."""

    PRICES = "prices", _("Prices change")
    OUTAGE = "outage", _("Outage")
    OVER = "over", _("It is over")
