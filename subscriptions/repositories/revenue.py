"""Figures about money. Never cached."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.transactions import query
from subscriptions.models import Order, Payment
from users.models import User


class RevenueMethods:
    """What was earned."""

    @query
    def get_revenue_stats(
        self, start_date: datetime | None = None, end_date: datetime | None = None
    ) -> dict[str, Any]:
        """Give {total_revenue, total_payments, average_payment, refunded_revenue,
        revenue_breakdown {"premium_monthly": {revenue, payments}}, period {start, end}}.

        Money counts when it was completed, start included, end not; money that went back counts apart, when
        it went back. Without a date there is no bound on that side.
        Units: whole Stars. Errors: `InvalidInput` for a naive date, or an end before the start.
        """
        start = clock.aware_or_none(start_date, "start_date")
        end = clock.aware_or_none(end_date, "end_date")
        if start and end and end < start:
            raise InvalidInput("end_date lies before start_date", field="end_date")
        came = _within("completed_at", start, end)
        rows = came.values_list("tier", "order__duration").annotate(Sum("amount"), Count("pk"))
        breakdown = {
            f"{tier}_{duration}": {"revenue": revenue, "payments": payments}
            for tier, duration, revenue, payments in rows.order_by("tier", "order__duration")
        }
        total = sum(part["revenue"] for part in breakdown.values())
        number = sum(part["payments"] for part in breakdown.values())
        went = _within("refunded_at", start, end).filter(completed_at__isnull=False)
        return {
            "total_revenue": total,
            "total_payments": number,
            "average_payment": round(total / number, 2) if number else 0.0,
            "refunded_revenue": went.aggregate(stars=Sum("amount"))["stars"] or 0,
            "revenue_breakdown": breakdown,
            "period": {"start": _text(start), "end": _text(end)},
        }

    @query
    def get_revenue_totals(self, start: datetime, end: datetime) -> dict[str, int]:
        """Give {earned, payments, refunded} of a stretch of time, as `get_revenue_stats` counts them.

        Units: whole Stars. An index holds all that is read.
        """
        since, until = clock.aware(start, "start"), clock.aware(end, "end")
        came = _within("completed_at", since, until)
        went = _within("refunded_at", since, until).filter(completed_at__isnull=False)
        return {
            **came.aggregate(earned=Sum("amount", default=0), payments=Count("*")),
            **went.aggregate(refunded=Sum("amount", default=0)),
        }

    @query
    def get_revenue_series(self, first_day: date, last_day: date) -> list[tuple[date, int]]:
        """Give what was earned on each day of `BOT_TIME_ZONE`, less what went back on it, oldest first.

        Units: whole Stars; a day without money is left out, one with more refunds than sales is negative.
        """
        start, end = clock.start_of_day(first_day), clock.start_of_day(last_day + timedelta(days=1))
        net: Counter[date] = Counter()
        for day, earned in _by_day("completed_at", start, end):
            net[day] += earned
        for day, refunded in _by_day("refunded_at", start, end):
            net[day] -= refunded
        return sorted(net.items())

    @query
    def get_sales_funnel(self, start: datetime, end: datetime) -> dict[str, int]:
        """Give {registered, linked, requested, ordered, paid}: how far those came who registered then."""
        since, until = clock.aware(start, "start"), clock.aware(end, "end")
        people = User.objects.living().filter(created_at__gte=since, created_at__lt=until)
        # They have ordered and paid after they came: what is older need not be read.
        orders = Order.objects.filter(created_at__gte=since).values("user")
        payments = Payment.objects.filter(completed_at__gte=since).values("user")
        return {
            **people.aggregate(
                registered=Count("pk"),
                linked=Count("pk", filter=Q(faceit_player_id__isnull=False)),
                requested=Count("pk", filter=Q(total_requests__gt=0)),
            ),
            "ordered": people.filter(pk__in=orders.union(payments)).count(),
            "paid": people.filter(pk__in=payments).count(),
        }


def _by_day(column: str, start: datetime, end: datetime) -> Iterable[tuple[date, int]]:
    rows = _within(column, start, end).filter(completed_at__isnull=False)
    by_day = rows.annotate(day=TruncDate(column, tzinfo=clock.bot_zone())).order_by()
    return by_day.values_list("day").annotate(Sum("amount"))


def _within(column: str, start: datetime | None, end: datetime | None) -> QuerySet[Payment]:
    rows = Payment.objects.filter(**{f"{column}__isnull": False})
    if start:
        rows = rows.filter(**{f"{column}__gte": start})
    return rows.filter(**{f"{column}__lt": end}) if end else rows


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
