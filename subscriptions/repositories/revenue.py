"""Figures about money. Never cached."""

from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Sum

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.transactions import query
from subscriptions.models import Payment


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


def _within(column: str, start: datetime | None, end: datetime | None) -> QuerySet[Payment]:
    rows = Payment.objects.filter(**{f"{column}__isnull": False})
    if start:
        rows = rows.filter(**{f"{column}__gte": start})
    return rows.filter(**{f"{column}__lt": end}) if end else rows


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
