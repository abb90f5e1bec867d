"""The charts of the first page, as unfold's components take them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.models import Span
from analytics.repositories import AnalyticsRepository
from analytics.rollups.counts import ACTIVE_USERS
from analytics.rollups.reading import History
from analytics.rollups.stretches import Stretch
from faceitbot.core.charting import chart
from faceitbot.core.display import digits
from faceitbot.core.figures import percentage
from faceitbot.staff_room.landing.period import Period
from subscriptions.models import SubscriptionTier
from subscriptions.repositories import SubscriptionRepository

LEAST_DAYS = 30  # a chart of a single day says nothing


def charts(period: Period, *, with_money: bool) -> dict[str, Any]:
    """Give the chart of revenue, that of active users, the mix of tiers and the funnel."""
    period = Period(max(period.days, LEAST_DAYS), period.now)
    history, stretch = History.read(), (period.start, period.now)
    tiers = SubscriptionRepository().get_tiers_in_force.blocking()
    context: dict[str, Any] = {
        "chart_days": period.days,
        "active": chart(_("Active users"), _by_day(history, ACTIVE_USERS, stretch)),
        "tiers": _tiers(tiers),
    }
    if with_money:
        earned, refunded = (_by_day(history, name, stretch) for name in ("revenue", "refunds"))
        net = ((day, came - went) for (day, came), (_day, went) in zip(earned, refunded, strict=True))
        context["revenue"] = chart(_("Stars"), net)
        context["funnel"] = _funnel(AnalyticsRepository().get_funnel.blocking(*stretch, now=period.now))
    return context


def _by_day(history: History, name: str, stretch: Stretch) -> list[tuple[date, int]]:
    return [(day.date(), value) for day, value in history.series(name, *stretch, Span.DAY)]


def _tiers(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    total = sum(counts.values())
    return [
        {
            "name": SubscriptionTier(tier).label,
            "count": digits(counts.get(tier, 0)),
            "share": percentage(counts.get(tier, 0), total),
        }
        for tier in reversed(SubscriptionTier.values)
    ]


def _funnel(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = {
        "registered": pgettext("people", "Came"),
        "linked": _("Linked FACEIT"),
        "first_analysis": _("Had a match analysed"),
        "paying": pgettext("people", "Paid"),
    }
    return [
        {"name": names[step["step"]], "count": digits(step["users"]), "share": step["share"]}
        for step in found["steps"]
    ]
