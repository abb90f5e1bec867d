"""Campaigns: how far they are, and the button that stops them."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from faceitbot.core.acting import Given
from faceitbot.core.display import digits, moment
from faceitbot.core.errors import NotFound
from faceitbot.core.refusals import sentence
from faceitbot.core.staff import AuditedPages, ReadOnlyAdmin
from subscriptions.admin.in_force import length
from subscriptions.admin.pages import act, label, may, staff
from subscriptions.models import Campaign, MemberRefusal, SubscriptionTier
from subscriptions.repositories import CampaignRepository

STATE_COLOURS = {"running": "info", "stopped": "warning", "done": "success"}
repository = CampaignRepository()


@admin.register(Campaign)
class CampaignAdmin(AuditedPages, ReadOnlyAdmin):
    """What was given to many users at once; started from their lists."""

    list_display = ("name", "show_gift", "number_members", "show_state", "actor", "show_made")
    list_select_related = ("actor",)
    search_fields = ("name",)
    search_help_text = _("Part of the name.")
    ordering = ("-created_at", "id")
    actions_detail = ("stop", "resume")
    version_fields = ("stopped_at", "finished_at", "members")
    change_form_outer_before_template = "admin/subscriptions/campaign.html"
    fieldsets = (
        (None, {"fields": (("name", "state_label"), ("show_gift", "number_members"), "reason")}),
        (_("Record"), {"fields": (("actor", "created_at"), ("stopped_at", "finished_at"))}),
    )
    readonly_fields = ("state_label", "show_gift", "number_members")

    @display(description=_("Gives"))
    def show_gift(self, campaign: Campaign) -> str:
        what = SubscriptionTier(campaign.tier).label if campaign.tier else _("more of what each has")
        return f"{what}, {length(timedelta(days=campaign.days))}"

    @display(description=_("Users"), ordering="members")
    def number_members(self, campaign: Campaign) -> str:
        return digits(campaign.members)

    @display(description=_("State"), label=STATE_COLOURS)
    def show_state(self, campaign: Campaign) -> tuple[str, Any]:
        return state_of(campaign)

    @display(description=_("State"))
    def state_label(self, campaign: Campaign) -> str:
        return label(state_of(campaign), STATE_COLOURS)

    @display(description=_("Made"), ordering="created_at")
    def show_made(self, campaign: Campaign) -> str:
        return moment(campaign.created_at)

    def page_context(self, request: HttpRequest, row: Campaign) -> dict[str, Any]:
        return {**super().page_context(request, row), **self._progress(request, row)}

    # ---- Working it off: the page asks for one batch after the other while it is open

    def get_urls(self) -> list[URLPattern]:
        run = path(
            "<uuid:object_id>/run/", self.admin_site.admin_view(self.run), name="subscriptions_campaign_run"
        )
        return [run, *super().get_urls()]

    @method_decorator(require_POST)
    def run(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Give the next users what the campaign gives, and say how far it is."""
        if not self.has_act_permission(request):
            return HttpResponse(status=403)
        try:
            done = repository.run_batch.blocking(object_id)
            repository.finish.blocking(object_id)
        except NotFound as error:
            raise Http404(sentence(error)) from error
        campaign = Campaign.objects.get(pk=object_id)
        context = {**self._progress(request, campaign), "pause": "200ms" if done else "2s"}
        answer = TemplateResponse(request, "admin/subscriptions/campaign_progress.html", context)
        if state_of(campaign)[0] != "running":
            answer["HX-Refresh"] = "true"  # the rest of the page still says that it runs
        return answer

    def _progress(self, request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
        progress = repository.get_progress.blocking(campaign.pk)
        state, state_text = state_of(campaign)
        done = progress.members - progress.waiting
        return {
            "progress": progress,
            "percent": 100 * done // progress.members if progress.members else 100,
            "refused": [
                (MemberRefusal(name).label, digits(number)) for name, number in progress.refused.items()
            ],
            "state": state,
            "state_text": state_text,
            "may_run": state == "running" and self.has_act_permission(request),
            "run_url": reverse("admin:subscriptions_campaign_run", args=[campaign.pk]),
            "pause": "200ms",
        }

    # ---- Actions

    @action(description=_("Stop"), icon="pause", variant=ActionVariant.DANGER, permissions=["act"])
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Campaign]:
            return [repository.stop.blocking(row.pk, actor=staff(request), reason=given["reason"])]

        title = _("Stop this campaign? What was given stays.")
        return act(self, request, row, title=title, confirm=_("Stop"), run=run)

    @action(description=_("Go on"), icon="play_arrow", permissions=["act"])
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)

        def run(given: Given) -> list[Campaign]:
            return [repository.resume.blocking(row.pk, actor=staff(request), reason=given["reason"])]

        title = _("Go on with this campaign?")
        return act(self, request, row, title=title, confirm=_("Go on"), run=run)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Offer what changes something."""
        campaign = self.get_object(request, object_id)
        offered = {"running": "stop", "stopped": "resume"}.get(state_of(campaign)[0]) if campaign else None
        return [found for found in super().get_actions_detail(request, object_id) if found.path == offered]

    def has_act_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, "subscriptions.change_campaign")


def state_of(campaign: Campaign) -> tuple[str, Any]:
    """Give the state of a campaign, and what staff call it."""
    if campaign.finished_at:
        return "done", _("done")
    return ("stopped", _("stopped")) if campaign.stopped_at else ("running", _("running"))
