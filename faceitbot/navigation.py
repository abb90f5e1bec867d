"""The sidebar and the menu of one's own account: what the reader's role lets him open."""

from typing import Any, NamedTuple, cast

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User as Account
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from faceitbot.live.admission import MAY_WATCH


class List(NamedTuple):
    """The list of a model, by the model's label."""

    title: Promise
    icon: str
    model: str


class Report(NamedTuple):
    """A page of its own, and the permissions that open it."""

    title: Promise
    icon: str
    name: str
    permissions: tuple[str, ...]


GROUPS = (
    (
        _("Bot"),
        (
            List(_("Bot users"), "group", "users.user"),
            List(_("Subscriptions"), "workspace_premium", "subscriptions.usersubscription"),
            List(_("Grants"), "redeem", "subscriptions.grant"),
            List(_("Campaigns"), "campaign", "subscriptions.campaign"),
            List(_("Referrals"), "group_add", "subscriptions.referral"),
            List(_("Notices"), "outgoing_mail", "subscriptions.notice"),
        ),
    ),
    (
        _("Matches and players"),
        (
            List(_("Match analyses"), "sports_esports", "matches.matchanalysis"),
            List(_("Players"), "leaderboard", "stats.playerstatscache"),
            List(_("Predictions"), "balance", "stats.prediction"),
            List(_("Matches of players"), "scoreboard", "stats.playermatch"),
            List(_("Changes of figures"), "timeline", "stats.playerstatspoint"),
            List(_("Stored matches"), "inventory_2", "matches.matchcache"),
        ),
    ),
    (
        _("Money"),
        (
            List(_("Payments"), "payments", "subscriptions.payment"),
            Report(_("Month report"), "calendar_month", "month_report", ("subscriptions.report_payment",)),
            List(_("Orders"), "receipt_long", "subscriptions.order"),
            List(_("Payment cases"), "support_agent", "subscriptions.paymentcase"),
            List(_("Star transactions"), "star", "subscriptions.startransaction"),
        ),
    ),
    (
        _("Plans"),
        (
            List(_("Limits"), "speed", "subscriptions.tierlimits"),
            List(_("Prices"), "sell", "subscriptions.planprice"),
            List(_("Referral programme"), "handshake", "subscriptions.referralprogramme"),
        ),
    ),
    (
        _("Operations"),
        (
            Report(_("Right now"), "bolt", "live", MAY_WATCH),
            Report(_("Health"), "monitor_heart", "health", ("core.view_jobrun",)),
            List(_("Metrics"), "monitoring", "analytics.metric"),
            List(_("Jobs"), "schedule", "core.jobrun"),
            List(_("Errors"), "bug_report", "core.errorgroup"),
            List(_("Imports"), "upload_file", "faceitbot.importrun"),
            List(_("Audit log"), "history", "core.auditentry"),
        ),
    ),
    (
        _("Staff"),
        (
            List(_("Staff accounts"), "badge", "auth.user"),
            List(_("Staff groups"), "shield_person", "auth.group"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Give the groups of the sidebar with those of their pages that the reader may open."""
    groups = [
        {"title": title, "items": [_item(page) for page in pages if _may_open(request, page)]}
        for title, pages in GROUPS
    ]
    return [group for group in groups if group["items"]]


def own_account(_request: HttpRequest) -> list[dict[str, Any]]:
    """Give what somebody finds under his name."""
    return [
        {"title": _("Change password"), "link": reverse("admin:password_change")},
        {"title": _("Second factor"), "link": reverse("admin:second_factor_own")},
    ]


def _item(page: List | Report) -> dict[str, Any]:
    name = page.name if isinstance(page, Report) else f"{page.model.replace('.', '_')}_changelist"
    return {"title": page.title, "icon": page.icon, "link": reverse(f"admin:{name}")}


def _may_open(request: HttpRequest, page: List | Report) -> bool:
    if isinstance(page, Report):
        return bool(cast("Account", request.user).has_perms(page.permissions))
    its_page = admin.site.get_model_admin(apps.get_model(page.model))
    return its_page.has_view_or_change_permission(request)
