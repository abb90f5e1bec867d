"""The figures of a period, each beside the one before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.models import Span
from analytics.rollups.counts import ACTIVE_USERS
from analytics.rollups.reading import History
from analytics.rollups.stretches import Stretch
from faceitbot.core import clock
from faceitbot.core.display import digits, stars
from faceitbot.staff_room.changes import change
from faceitbot.staff_room.landing.period import FILTERS, Period

AN_HOUR = timedelta(hours=1)


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
    history = History.read()
    present, past = _same_time(period, period.now)
    found = _people(history, period)
    if not with_money:
        return found
    payments = _list_of("subscriptions_payment", "completed", period)
    net, net_before = _net(history, present), _net(history, past)
    number, number_before = (history.total("payments", *stretch) for stretch in (present, past))
    return [
        Card(_("Earned, less refunds"), stars(net), *change(net, net_before), payments),
        _card(_("Payments"), number, number_before, payments),
        *found,
    ]


def _people(history: History, period: Period) -> list[Card]:
    """Give the figures of users; activity is kept by the hour, and compared up to the present one."""
    new, new_before = (history.total("new_users", *stretch) for stretch in _same_time(period, period.now))
    present, past = _same_time(period, period.hour)
    shown = period.start, period.hour + AN_HOUR
    return [
        _card(_("New users"), new, new_before, _list_of("users_user", "registered", period)),
        Card(
            _("Active users") if period.days == 1 else _("Active users a day"),
            digits(round(_by_days(history, shown) / period.days)),
            *change(_by_days(history, present), _by_days(history, past)),
            _list_of("users_user", "active", period),
        ),
        Card(
            _("Requests"),
            digits(history.total("requests", *shown)),
            *change(history.total("requests", *present), history.total("requests", *past)),
        ),
    ]


def _same_time(period: Period, end: datetime) -> tuple[Stretch, Stretch]:
    """Give the period up to a moment, and as much of the one before."""
    before = clock.start_of_day(period.first_day_before), period.as_long_before(end)
    return (period.start, end), before


def _by_days(history: History, stretch: Stretch) -> int:
    """Add the active users of each day up: who was active on two days counts twice."""
    return sum(users for _day, users in history.series(ACTIVE_USERS, *stretch, Span.DAY))


def _list_of(model: str, parameter: str, period: Period) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{parameter}={FILTERS[period.days]}"


def _net(history: History, stretch: Stretch) -> int:
    return history.total("revenue", *stretch) - history.total("refunds", *stretch)


def _card(title: str, present: int, past: int, link: str = "") -> Card:
    return Card(title, digits(present), *change(present, past), link)
