"""The figures of a period, each beside the one before."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from faceitbot.core.display import digits, stars
from faceitbot.staff_room.changes import change
from faceitbot.staff_room.landing.period import Period
from subscriptions.repositories import PaymentRepository
from users.repositories import UserRepository

money, users = PaymentRepository(), UserRepository()


@dataclass(frozen=True)
class Card:
    """One figure, how it has changed, and the list that it counts."""

    title: str
    figure: str
    change: str
    direction: str
    link: str = ""


def cards(period: Period, *, with_money: bool) -> list[Card]:
    """Give the figures of a period, those of money only to who may see it."""
    start, end = period.before
    present, past = _people(period.start, period.end), _people(start, end)
    list_of_users = reverse("admin:users_user_changelist")
    found = [
        _card(_("New users"), present["new_users"], past["new_users"], list_of_users),
        _card(_("Active users"), present["active_users"], past["active_users"], list_of_users),
        _card(_("Requests"), present["requests"], past["requests"]),
    ]
    if not with_money:
        return found
    earned = money.get_revenue_stats.blocking(period.start, period.end)
    earlier = money.get_revenue_stats.blocking(start, end)
    payments = f"{reverse('admin:subscriptions_payment_changelist')}"
    sold = _card(_("Payments"), earned["total_payments"], earlier["total_payments"], payments)
    net, net_before = _net(earned), _net(earlier)
    return [
        Card(_("Earned, less refunds"), stars(net), *change(net, net_before), payments),
        sold,
        *found,
    ]


def _people(start: Any, end: Any) -> dict[str, int]:
    found: dict[str, int] = users.get_activity_totals.blocking(start, end)
    return found


def _net(stats: dict[str, Any]) -> int:
    net: int = stats["total_revenue"] - stats["refunded_revenue"]
    return net


def _card(title: str, present: int, past: int, link: str = "") -> Card:
    return Card(title, digits(present), *change(present, past), link)
