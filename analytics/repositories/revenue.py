"""What is earned, with what, and who goes on paying."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from analytics.models import Span
from analytics.moments import EARLIEST, moment_of
from analytics.ranges import range_of, series
from analytics.rollups.reading import History
from analytics.sources import SALES
from faceitbot.core.figures import percentage
from faceitbot.core.one_moment import one_moment
from faceitbot.core.transactions import query
from subscriptions.models.plans import MAX_DAYS
from subscriptions.tiers import SubscriptionTier

# A renewal that comes a few days late is one still: Telegram tries a failed charge again.
GRACE = timedelta(days=3)
# A year, and some: who has paid within it is followed. Who has not is found by what he bought for more than a
# month at once in the ten years before, if that may last so long. Who bought as much by single months is not.
LONGEST, FURTHEST = timedelta(days=400), timedelta(days=MAX_DAYS)

# What is bought while there is time left begins when that ends. So the end of the time after a payment is
# the days of that and those before it, counted from the payment that makes it latest. Each payer's payments
# are looked up by their index: OFFSET keeps the planner from reading all that there are.
_ENDS = """
WITH payers AS MATERIALIZED (
    SELECT user_id FROM payments WHERE completed_at >= %(since)s AND completed_at < %(end)s
    UNION
    SELECT user_id FROM payments
    WHERE days > 31 AND completed_at >= %(furthest)s AND completed_at < %(since)s
    GROUP BY user_id HAVING max(completed_at) + sum(days) * interval '1 day' >= %(since)s
), bought AS (
    SELECT user_id, completed_at, lead(completed_at) OVER one_by_one AS paid_again_at,
        sum(days) OVER one_by_one AS days_since_first,
        completed_at - (sum(days) OVER one_by_one - days) * interval '1 day' AS as_if_first_at
    FROM payers CROSS JOIN LATERAL (
        SELECT id, completed_at, days FROM payments
        WHERE user_id = payers.user_id AND completed_at < %(known)s AND refunded_at IS NULL OFFSET 0
    ) AS their_payments
    WINDOW one_by_one AS (PARTITION BY user_id ORDER BY completed_at, id)
), due AS (
    SELECT paid_again_at, days_since_first * interval '1 day' + max(as_if_first_at) OVER (
        PARTITION BY user_id ORDER BY completed_at, days_since_first
    ) AS ends_at
    FROM bought
)
SELECT count(*),
    count(*) FILTER (WHERE paid_again_at <= ends_at + %(grace)s),
    count(*) FILTER (
        WHERE (paid_again_at <= ends_at + %(grace)s) IS NOT TRUE AND ends_at + %(grace)s < %(known)s
    )
FROM due WHERE ends_at >= %(start)s AND ends_at < %(end)s
"""


class RevenueMethods:
    """Figures about money: whole Stars, by the time when it came and went."""

    @query
    def get_revenue_analytics(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        now: datetime | None = None,
    ) -> dict[str, Any]:
        """Give {revenue {total, refunded, net, tier_breakdown {premium, pro}, daily_data (series)},
        conversions {total_users, paid_users, conversion_rate}, period {start, end}}.

        The last 30 days unless told otherwise. Money counts when it was completed, and apart from that when
        it went back; `tier_breakdown` and `daily_data` are parts of `total`. Of all who had come by the end,
        `paid_users` paid something within the period.
        Units: whole Stars; the rate is a percentage. Errors: as `get_user_activity_metrics`.
        """
        within = range_of(start_date, end_date, moment_of(now))
        with one_moment():
            history = History.read()
            tiers = _by_tier(history.parts("revenue", within.start, within.end))
            refunded = history.total("refunds", within.start, within.end)
            daily = series(history, "revenue", within, Span.DAY)
            users = history.total("new_users", EARLIEST, within.end)
            payers = SALES.rows(within.start, within.end).values("user").distinct().count()
        total = sum(tiers.values())
        return {
            "revenue": {
                "total": total,
                "refunded": refunded,
                "net": total - refunded,
                "tier_breakdown": tiers,
                "daily_data": daily,
            },
            "conversions": {
                "total_users": users,
                "paid_users": payers,
                "conversion_rate": percentage(payers, users),
            },
            "period": within.period,
        }

    @query
    def get_revenue_by_tier(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        now: datetime | None = None,
    ) -> dict[str, Any]:
        """Give {tiers {premium, pro: {revenue, payments, average_payment, refunded, refunded_payments, net,
        durations {monthly: revenue}}}, period {start, end}}.

        Units: whole Stars; the average has two decimals. Errors: as `get_user_activity_metrics`.
        """
        within = range_of(start_date, end_date, moment_of(now))
        with one_moment():
            history = History.read()
            plans = {
                name: history.parts(name, within.start, within.end)
                for name in ("revenue", "payments", "refunds", "refunded_payments")
            }
        sums = {name: _by_tier(parts) for name, parts in plans.items()}
        return {
            "tiers": {tier: _figures(tier, sums, plans["revenue"]) for tier in SubscriptionTier.paid()},
            "period": within.period,
        }

    @query
    def get_churn(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        now: datetime | None = None,
    ) -> dict[str, Any]:
        """Give {due, renewed, churned, undecided, renewal_rate, churn_rate, renewals, period {start, end}}.

        `due` counts how often paid time was to end within the period: time that was bought early is added to
        the end of what was left. It was renewed if its user had paid again by three days after that end,
        and is undecided while these days last; what was given back does not count. `renewals` are Telegram's
        own charges of subscriptions.
        Units: the rates are percentages of what is decided. Errors: as `get_user_activity_metrics`.
        """
        moment = moment_of(now)
        within = range_of(start_date, end_date, moment)
        values: dict[str, Any] = {
            "furthest": within.start - LONGEST - FURTHEST,
            "since": within.start - LONGEST,
            "start": within.start,
            "end": within.end,
            "known": moment,
            "grace": GRACE,
        }
        with one_moment():
            with connection.cursor() as cursor:
                cursor.execute(_ENDS, values)
                due, renewed, churned = cursor.fetchone()
            renewals = History.read().total("renewals", within.start, within.end)
        return {
            "due": due,
            "renewed": renewed,
            "churned": churned,
            "undecided": due - renewed - churned,
            "renewal_rate": percentage(renewed, renewed + churned),
            "churn_rate": percentage(churned, renewed + churned),
            "renewals": renewals,
            "period": within.period,
        }


def _by_tier(parts: Mapping[str, int]) -> dict[str, int]:
    """Add up the parts of a count by plan, such as `premium_monthly`, to one for each paid tier."""
    sums: Counter[str] = Counter()
    for plan, value in parts.items():
        sums[plan.partition("_")[0]] += value
    return {tier: sums[tier] for tier in SubscriptionTier.paid()}


def _figures(tier: str, sums: Mapping[str, Mapping[str, int]], revenue: Mapping[str, int]) -> dict[str, Any]:
    earned, payments, refunded = (sums[name][tier] for name in ("revenue", "payments", "refunds"))
    return {
        "revenue": earned,
        "payments": payments,
        "average_payment": round(earned / payments, 2) if payments else 0.0,
        "refunded": refunded,
        "refunded_payments": sums["refunded_payments"][tier],
        "net": earned - refunded,
        "durations": {
            plan.removeprefix(f"{tier}_"): stars
            for plan, stars in sorted(revenue.items())
            if plan.startswith(f"{tier}_")
        },
    }
