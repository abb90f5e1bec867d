"""Access as it is at this moment, whether or not a job has moved the row on."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from faceitbot.core import clock
from faceitbot.core.display import EMPTY, digits, moment
from subscriptions.models import Grant, SubscriptionTier, UserSubscription
from subscriptions.rules import GrantState, GrantUse, Projection, as_of
from users.querysets import tier_in_force

STATES = {
    GrantState.REVOKED: _("revoked"),
    GrantState.USED_UP: _("used up"),
    GrantState.BURNING: _("in use"),
    GrantState.WAITING: _("waits"),
}
_TABLE = """<table class="w-full text-sm">
<thead><tr class="text-left"><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead>
<tbody>{}</tbody></table>"""
_ROW = '<tr><td><a class="underline" href="{}">{}</a></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>'


def in_force(row: UserSubscription) -> Projection:
    """Give what a row means now."""
    return as_of(Projection(row.tier, row.expires_at, row.next_tier, row.next_expires_at), clock.now())


class TierInForceFilter(SimpleListFilter):
    """Finds rows by the tier that they mean now, not by the stored one."""

    title = _("tier in force")
    parameter_name = "in_force"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, Any]]:
        return list(SubscriptionTier.choices)

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in SubscriptionTier.values:
            return rows
        if self.value() != SubscriptionTier.FREE:
            rows = rows.exclude(tier=SubscriptionTier.FREE)  # by an index; what is free is no paid tier later
        found: QuerySet[Any] = rows.alias(in_force=tier_in_force(clock.now()))
        return found.filter(in_force=self.value())


def grants_as_table(uses: Sequence[tuple[Grant, GrantUse]]) -> str:
    """Show what has become of each grant."""
    if not uses:
        return str(_("He was never given anything."))
    rows = (
        (
            reverse("admin:subscriptions_grant_change", args=[grant.pk]),
            SubscriptionTier(grant.tier).label,
            grant.get_source_display(),
            _("for ever") if grant.duration is None else length(grant.duration),
            STATES[use.state],
            moment(use.ends_at) if use.state in (GrantState.BURNING, GrantState.WAITING) else EMPTY,
        )
        for grant, use in uses
    )
    heads = (_("Tier"), _("Why"), _("For"), _("State"), _("Ends"))
    return format_html(_TABLE, *heads, format_html_join("", _ROW, rows))


def length(duration: timedelta) -> str:
    """Give a length of time in days, or in hours where that says more."""
    hours = round(duration.total_seconds() / 3_600)
    if hours < 48 and hours % 24:  # noqa: PLR2004 - two days
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": digits(hours)}
    days = round(hours / 24)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": digits(days)}
