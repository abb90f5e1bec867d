"""The form in which staff say what they give, and for how long."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from faceitbot.core.acting import Given
from faceitbot.core.errors import Refused
from faceitbot.core.reasons import ReasonForm
from subscriptions.admin.pages import may, staff
from subscriptions.admin.reasons import GivingReason
from subscriptions.models import Grant, SubscriptionTier, UserSubscription
from subscriptions.models.plans import MAX_DAYS
from subscriptions.repositories import SubscriptionRepository

EXTEND = "extend"
MOST_DAYS_OF_SUPPORT = 31
repository = SubscriptionRepository()


class GiveForm(ReasonForm):
    """What staff give, and why."""

    presets = GivingReason

    tier = forms.ChoiceField(
        label=_("Tier"),
        choices=lambda: [*SubscriptionTier.paid_choices(), (EXTEND, _("more of what is in force"))],
        widget=UnfoldAdminSelectWidget,
    )
    days = forms.IntegerField(
        label=_("Days"),
        min_value=1,
        max_value=MAX_DAYS,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Time that the user has already is kept."),
    )
    for_ever = forms.BooleanField(label=_("For ever"), required=False, widget=UnfoldBooleanWidget)
    field_order = ("tier", "days", "for_ever", "preset", "reason")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.errors and bool(given.get("days")) == bool(given.get("for_ever")):
            self.add_error("days", _("Say for how many days, or for ever."))
        elif given.get("for_ever") and given.get("tier") == EXTEND:
            self.add_error("tier", _("Say which tier is given for ever."))
        return given


def give(request: Any, row: UserSubscription, given: Given) -> Grant:
    """Give the owner of a subscription what the form says. Errors: `Refused` beyond what one's role may."""
    if (given["days"] or MAX_DAYS) > MOST_DAYS_OF_SUPPORT and not may(request, "subscriptions.grant_freely"):
        text = gettext("Your role may give at most %(days)d days at once. An admin may give more.")
        raise Refused(text % {"days": MOST_DAYS_OF_SUPPORT}, reason="role")
    why = {"actor": staff(request), "reason": given["reason"], "request_id": uuid.uuid4().hex}
    if given["tier"] == EXTEND:
        return repository.extend_access.blocking(row.user_id, given["days"], **why)
    return repository.grant_access.blocking(row.user_id, given["tier"], given["days"], **why)
