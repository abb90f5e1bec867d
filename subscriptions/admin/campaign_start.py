"""Starting a campaign for the users of a list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from faceitbot.core.acting import token_of
from faceitbot.core.asking import Question, is_sent, seen_by, shown_count
from faceitbot.core.display import digits
from faceitbot.core.errors import Conflict, FaceitBotError
from faceitbot.core.fields import validate_plain_text
from faceitbot.core.reasons import ReasonForm
from faceitbot.core.refusals import sentence
from faceitbot.core.sent_forms import SentForms
from subscriptions.admin.giving import EXTEND
from subscriptions.admin.pages import staff
from subscriptions.admin.reasons import GivingReason
from subscriptions.models import Campaign, SubscriptionTier
from subscriptions.models.campaigns import MAX_NAME_LENGTH
from subscriptions.models.plans import MAX_DAYS
from subscriptions.repositories import CampaignRepository
from users.models import User

repository = CampaignRepository()


class CampaignForm(ReasonForm):
    """What many users are given, and under which name."""

    presets = GivingReason

    name = forms.CharField(
        label=_("Name of the campaign"),
        max_length=MAX_NAME_LENGTH,
        validators=[validate_plain_text],
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
        help_text=_("Under one name each user is given once, however often it is repeated."),
    )
    tier = forms.ChoiceField(
        label=_("Tier"),
        choices=lambda: [(EXTEND, _("more of what each has")), *SubscriptionTier.paid_choices()],
        widget=UnfoldAdminSelectWidget,
    )
    days = forms.IntegerField(
        label=_("Days"), min_value=1, max_value=MAX_DAYS, widget=UnfoldAdminIntegerFieldWidget
    )
    field_order = ("name", "tier", "days", "preset", "reason")


def start_campaign(page: Any, request: HttpRequest, users: "QuerySet[User]") -> HttpResponse:
    """Say how many users these are, ask what they are given, and start; lead to the campaign's page."""
    form = CampaignForm(request.POST if is_sent(request) else None)
    question = Question(
        page, request, [], _("Give access to all of these?"), _("Start"), form, _counted(users)
    )
    if not form.is_valid():
        return question.page()
    if not question.is_of(seen_by(request)):
        return question.page_of_what_changed()
    given, started = form.cleaned_data, []

    def work() -> tuple[int, int]:
        campaign = repository.start.blocking(
            given["name"],
            None if given["tier"] == EXTEND else given["tier"],
            given["days"],
            users,
            actor=staff(request),
            reason=given["reason"],
        )
        started.append(campaign)
        return 1, 0

    try:
        SentForms().act_once.blocking(token_of(request), staff(request), work)
    except Conflict as error:
        form.add_error("name", sentence(error))
        return question.page()
    except FaceitBotError as error:
        page.message_user(request, sentence(error), messages.ERROR)
        return question.page()
    if not started:
        text = gettext("This form had been sent already; nothing was started a second time.")
        page.message_user(request, text, messages.INFO)
        return HttpResponseRedirect(reverse("admin:subscriptions_campaign_changelist"))
    _tell(page, request, started[-1])
    return HttpResponseRedirect(page_of(started[-1]))


def page_of(campaign: Campaign) -> str:
    """Give the address of a campaign's page."""
    return reverse("admin:subscriptions_campaign_change", args=[campaign.pk])


def _tell(page: Any, request: HttpRequest, campaign: Campaign) -> None:
    shown = shown_count(request)
    if shown is not None and shown != campaign.members:
        text = gettext("You were shown %(shown)s users; %(members)s are in this campaign now.")
        numbers = {"shown": digits(shown), "members": digits(campaign.members)}
        page.message_user(request, text % numbers, messages.INFO)
    if campaign.stopped_at:
        text = gettext("This campaign is stopped: nobody is given anything until somebody has it go on.")
        page.message_user(request, text, messages.WARNING)


def _counted(users: "QuerySet[User]") -> dict[str, int]:
    out = Q(blocked_at__isnull=False) | Q(erased_at__isnull=False)
    chosen = users.order_by()
    return {
        gettext("Users who are given access"): chosen.exclude(out).count(),
        gettext("Left out: blocked or erased"): chosen.filter(out).count(),
    }
