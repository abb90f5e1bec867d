"""What a month brought."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.transactions import query
from subscriptions.models import ChargeKind, Payment

PLAN = ("tier", "order__duration")
NOTHING = {"revenue": 0, "payments": 0, "refunded": 0, "refunds": 0, "net": 0}


class ReportMethods:
    """The books of a month."""

    @query
    def get_month_report(self, month: date, now: datetime | None = None) -> dict[str, Any]:
        """Give {month, until, totals, before, plans, days}: the month, beside the one before.

        A month that is not over is shown as far as it has come, and the one before as far as that.
        `totals` and `before` are {revenue, payments, refunded, refunds, net, renewals, renewed_revenue,
        new_buyers}; `plans` has one row for each tier and duration, `days` one for each day, with the first
        five of those. Money counts on the day when it was completed, money that went back on the day when it
        went back, as in `get_revenue_stats`; days are those of `BOT_TIME_ZONE`. A new buyer had never paid
        before.
        Units: whole Stars. Errors: `InvalidInput` for a month that has not begun.
        """
        first = month.replace(day=1)
        start, end = clock.start_of_day(first), clock.start_of_day(first_of_next(first))
        moment = clock.aware_or_none(now) or clock.now()
        if start > moment:
            raise InvalidInput(f"{first:%Y-%m} has not begun", field="month")
        before = clock.start_of_day((first - timedelta(days=1)).replace(day=1))
        end_before = start if end <= moment else min(start, before + (moment - start))
        end = min(end, moment)
        plans = _sums(start, end, *PLAN)
        return {
            "month": first.isoformat(),
            "until": end.isoformat(),
            "totals": _totals(plans, start, end),
            "before": _totals(_sums(before, end_before, "tier"), before, end_before),
            "plans": [
                {"tier": tier, "duration": duration, **sums} for (tier, duration), sums in plans.items()
            ],
            "days": _days(first, start, end),
        }


def first_of_next(month: date) -> date:
    """Give the first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _totals(parts: Mapping[Any, Mapping[str, int]], start: datetime, end: datetime) -> dict[str, int]:
    """Add the parts of a stretch of time up, and count renewals and new buyers."""
    came = _within("completed_at", start, end)
    earlier = Payment.objects.filter(completed_at__lt=OuterRef("completed_at"))
    # Telegram's own list says of a charge that it belongs to a subscription, not whether it was the first.
    renewed = Q(charge_kind=ChargeKind.RENEWAL) | (
        Q(charge_kind=ChargeKind.RECURRING) & Exists(earlier.filter(order=OuterRef("order")))
    )
    renewals = came.exclude(charge_kind=ChargeKind.ONCE).filter(renewed)
    paid_before = Payment.objects.filter(user=OuterRef("user"), completed_at__lt=start)
    buyers = came.filter(~Exists(paid_before)).aggregate(number=Count("user", distinct=True))
    sums = {name: sum(part[name] for part in parts.values()) for name in NOTHING}
    found = renewals.aggregate(renewals=Count("pk"), renewed_revenue=Sum("amount", default=0))
    return {**sums, **found, "new_buyers": buyers["number"]}


def _days(first: date, start: datetime, end: datetime) -> list[dict[str, Any]]:
    by_day = _sums(start, end, "day")
    days = (clock.today(end - timedelta(microseconds=1)) - first).days + 1 if end > start else 0
    dates = (first + timedelta(days=number) for number in range(days))
    return [{"day": day.isoformat(), **by_day.get((day,), NOTHING)} for day in dates]


def _sums(start: datetime, end: datetime, *groups: str) -> dict[tuple[Any, ...], dict[str, int]]:
    """Give what came and what went back, for each group."""
    found: defaultdict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: dict(NOTHING))
    for column, stars, number in (
        ("completed_at", "revenue", "payments"),
        ("refunded_at", "refunded", "refunds"),
    ):
        rows = _within(column, start, end).filter(completed_at__isnull=False)
        rows = rows.annotate(day=TruncDate(column, tzinfo=clock.bot_zone())).order_by(*groups)
        for *group, sum_, count in rows.values_list(*groups).annotate(Sum("amount", default=0), Count("pk")):
            found[tuple(group)] |= {stars: sum_, number: count}
    for sums in found.values():
        sums["net"] = sums["revenue"] - sums["refunded"]
    return dict(found)


def _within(column: str, start: datetime, end: datetime) -> QuerySet[Payment]:
    return Payment.objects.filter(**{f"{column}__gte": start, f"{column}__lt": end})
