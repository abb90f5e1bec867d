"""What a month brought."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.one_moment import one_moment
from faceitbot.core.transactions import query
from subscriptions.models import ChargeKind, Payment

PLAN = ("tier", "order__duration")
NOTHING = dict.fromkeys(
    ["revenue", "payments", "refunded", "refunds", "net", "renewals", "renewed_revenue"], 0
)
Sums = dict[tuple[Any, ...], dict[str, int]]


class ReportMethods:
    """The books of a month."""

    @query
    def get_month_report(self, month: date, now: datetime | None = None) -> dict[str, Any]:
        """Give {month, until, totals, before, tiers, plans, days}: the month, beside the one before.

        A month that is not over is shown as far as it has come, and the one before as far as that.
        `totals` and `before` are {revenue, payments, refunded, refunds, net, renewals, renewed_revenue,
        new_buyers}; `tiers` has one row for each tier, `plans` for each tier and duration, `days` for each
        day, with all of those but the last. Money counts on the day when it was completed, money that went
        back on the day when it went back, as in `get_revenue_stats`; days are those of `BOT_TIME_ZONE`. A
        new buyer had never paid before.
        Units: whole Stars. Errors: `InvalidInput` for a month that has not begun. Concurrency: all of it is
        of one moment.
        """
        first = month.replace(day=1)
        start, end = clock.start_of_day(first), clock.start_of_day(first_of_next(first))
        moment = clock.aware_or_none(now) or clock.now()
        if start > moment:
            raise InvalidInput(f"{first:%Y-%m} has not begun", field="month")
        before = clock.start_of_day((first - timedelta(days=1)).replace(day=1))
        end_before = start if end <= moment else min(start, before + (moment - start))
        end = min(end, moment)
        with one_moment():
            sums = _sums(start, end, "day", *PLAN)
            sums_before = _sums(before, end_before, "tier")
            buyers, buyers_before = _new_buyers(start, end), _new_buyers(before, end_before)
        return {
            "month": first.isoformat(),
            "until": end.isoformat(),
            "totals": _added_up(sums.values()) | {"new_buyers": buyers},
            "before": _added_up(sums_before.values()) | {"new_buyers": buyers_before},
            "tiers": [{"tier": tier, **of} for (tier,), of in sorted(_by(sums, 1, 2).items())],
            "plans": [
                {"tier": tier, "duration": duration, **of}
                for (tier, duration), of in sorted(_by(sums, 1, 3).items(), key=_order_of_plans)
            ],
            "days": _days(first, end, _by(sums, 0, 1)),
        }


def first_of_next(month: date) -> date:
    """Give the first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _new_buyers(start: datetime, end: datetime) -> int:
    paid_before = Payment.objects.filter(user=OuterRef("user"), completed_at__lt=start)
    buyers = _within("completed_at", start, end).order_by().values("user").distinct()
    return buyers.filter(~Exists(paid_before)).count()


def _days(first: date, end: datetime, by_day: Mapping[Any, Mapping[str, int]]) -> list[dict[str, Any]]:
    days = (clock.today(end - timedelta(microseconds=1)) - first).days + 1
    dates = (first + timedelta(days=number) for number in range(days))
    return [{"day": day.isoformat(), **by_day.get((day,), NOTHING)} for day in dates]


def _order_of_plans(plan: tuple[tuple[Any, ...], object]) -> tuple[str, bool, str]:
    """Order plans by their names; what was sold without one comes last in its tier."""
    tier, duration = plan[0]
    return tier, duration is None, duration or ""


def _sums(start: datetime, end: datetime, *groups: str) -> Sums:
    """Give what came, what of that renewed a subscription, and what went back, for each group."""
    found: defaultdict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: dict(NOTHING))
    renewed = _renewed()
    for column, figures in (
        (
            "completed_at",
            {
                "revenue": Sum("amount"),
                "payments": Count("pk"),
                "renewed_revenue": Sum("amount", filter=renewed, default=0),
                "renewals": Count("pk", filter=renewed),
            },
        ),
        ("refunded_at", {"refunded": Sum("amount"), "refunds": Count("pk")}),
    ):
        rows = _within(column, start, end).filter(completed_at__isnull=False)
        dated = rows.annotate(day=TruncDate(column, tzinfo=clock.bot_zone())).order_by()
        for row in dated.values(*groups).annotate(**figures):
            found[tuple(row.pop(name) for name in groups)] |= row
    for sums in found.values():
        sums["net"] = sums["revenue"] - sums["refunded"]
    return dict(found)


def _by(sums: Sums, first: int, last: int) -> Sums:
    """Add up the groups that share a part of what they are grouped by."""
    parts: defaultdict[tuple[Any, ...], list[dict[str, int]]] = defaultdict(list)
    for group, of in sums.items():
        parts[group[first:last]].append(of)
    return {part: _added_up(of) for part, of in parts.items()}


def _added_up(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    every = list(parts)
    return {name: sum(part[name] for part in every) for name in NOTHING}


def _renewed() -> Q:
    """Tell the charges of subscriptions that had been paid before."""
    earlier = Payment.objects.filter(order=OuterRef("order"), completed_at__lt=OuterRef("completed_at"))
    # Telegram's own list says of a charge that it belongs to a subscription, not whether it was the first.
    return Q(charge_kind=ChargeKind.RENEWAL) | Q(Exists(earlier), charge_kind=ChargeKind.RECURRING)


def _within(column: str, start: datetime, end: datetime) -> QuerySet[Payment]:
    return Payment.objects.filter(**{f"{column}__gte": start, f"{column}__lt": end})
