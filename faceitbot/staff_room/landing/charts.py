"""The charts of the first page, as unfold's components take them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faceitbot.core.charting import chart
from faceitbot.core.display import digits
from faceitbot.core.figures import percentage
from faceitbot.staff_room.landing.period import Period
from subscriptions.models import SubscriptionTier
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from users.repositories import UserRepository

LEAST_DAYS = 30  # a chart of a single day says nothing


def charts(period: Period, *, with_money: bool) -> dict[str, Any]:
    """Give the chart of revenue, that of active users, the mix of tiers and the funnel."""
    period = Period(max(period.days, LEAST_DAYS), period.now)
    days = period.dates
    activity = UserRepository().get_activity_series.blocking(days[0], days[-1])
    tiers = SubscriptionRepository().get_tiers_in_force.blocking()
    by_day = ((date.fromisoformat(each["day"]), each["active_users"]) for each in activity)
    context: dict[str, Any] = {
        "chart_days": len(days),
        "active": chart(_("Active users"), by_day),
        "tiers": _tiers(tiers),
    }
    if with_money:
        money = PaymentRepository()
        earned = dict(money.get_revenue_series.blocking(days[0], days[-1]))
        context["revenue"] = chart(_("Stars"), ((day, earned.get(day, 0)) for day in days))
        context["funnel"] = _funnel(money.get_sales_funnel.blocking(period.start, period.now))
    return context


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


def _funnel(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    names = {
        "registered": pgettext("people", "Came"),
        "linked": _("Linked FACEIT"),
        "requested": _("Made a request"),
        "ordered": _("Chose a plan"),
        "paid": _("Paid"),
    }
    first = counts["registered"]
    return [
        {"name": names[step], "count": digits(count), "share": percentage(count, first)}
        for step, count in counts.items()
    ]
