"""The figures of a period, each beside the one before."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from faceitbot.core import clock
from faceitbot.core.display import digits, stars
from faceitbot.staff_room.changes import change
from faceitbot.staff_room.landing.period import FILTERS, Period
from subscriptions.repositories import PaymentRepository
from users.repositories import UserRepository

AN_HOUR = timedelta(hours=1)
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
    found = _people(period)
    if not with_money:
        return found
    earned = money.get_revenue_totals.blocking(period.start, period.now)
    before = clock.start_of_day(period.first_day_before), period.as_long_before(period.now)
    earlier = money.get_revenue_totals.blocking(*before)
    payments = _list_of("subscriptions_payment", "completed", period)
    net, net_before = _net(earned), _net(earlier)
    return [
        Card(_("Earned, less refunds"), stars(net), *change(net, net_before), payments),
        _card(_("Payments"), earned["payments"], earlier["payments"], payments),
        *found,
    ]


def _people(period: Period) -> list[Card]:
    """Give the figures of users; activity is kept by the hour, and compared up to the present one."""
    start_before = clock.start_of_day(period.first_day_before)
    new = users.count_new_users.blocking(period.start, period.now)
    new_before = users.count_new_users.blocking(start_before, period.as_long_before(period.now))
    so_far = _activity(period.first_day, period.hour)
    before = _activity(period.first_day_before, period.as_long_before(period.hour))
    shown = _activity(period.first_day, period.hour + AN_HOUR)
    a_day = round(shown["active_users"] / period.days)
    return [
        _card(_("New users"), new, new_before, _list_of("users_user", "registered", period)),
        Card(
            _("Active users") if period.days == 1 else _("Active users a day"),
            digits(a_day),
            *change(so_far["active_users"], before["active_users"]),
            _list_of("users_user", "active", period),
        ),
        Card(_("Requests"), digits(shown["requests"]), *change(so_far["requests"], before["requests"])),
    ]


def _activity(first_day: date, end: datetime) -> dict[str, int]:
    found: dict[str, int] = users.get_activity_totals.blocking(first_day, end)
    return found


def _list_of(model: str, parameter: str, period: Period) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{parameter}={FILTERS[period.days]}"


def _net(totals: dict[str, int]) -> int:
    return totals["earned"] - totals["refunded"]


def _card(title: str, present: int, past: int, link: str = "") -> Card:
    return Card(title, digits(present), *change(present, past), link)
