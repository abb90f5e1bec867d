"""When the bot is used, for what, by whom, and who brings others."""

from collections import Counter
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import GreaterThan

from analytics.models import ActiveMonth, Span
from analytics.models.metrics import FAILED_REQUEST
from analytics.moments import moment_of
from analytics.ranges import Range, range_of
from analytics.recording import LOST
from analytics.rollups import stretches
from analytics.rollups.months import months_of
from analytics.rollups.reading import History
from analytics.sources import ACTIVITY
from faceitbot.core import clock
from faceitbot.core.figures import percentage
from faceitbot.core.one_moment import one_moment
from faceitbot.core.repository import MAX_LIMIT
from faceitbot.core.transactions import query
from faceitbot.core.values import whole
from subscriptions.models import UserSubscription
from subscriptions.tiers import SubscriptionTier
from users.models import User
from users.querysets import tier_in_force

MOST_DAYS = 366
NO_FEATURES = {FAILED_REQUEST, LOST}
DAYS_OF_WEEK, HOURS_OF_DAY = 7, 24
# Whether somebody has paid is looked up by its index, for those alone who were brought within the range:
# EXISTS would let the planner read all payments there are instead, and LIMIT any index.
_REFERRALS = """
WITH brought AS MATERIALIZED (
    SELECT referrer_id, referrer_days, referee_days, voided_at IS NOT NULL AS is_void, (
        SELECT count(*) FROM payments WHERE user_id = referee_id AND completed_at IS NOT NULL
    ) > 0 AS has_paid
    FROM referrals WHERE created_at >= %(start)s AND created_at < %(end)s
)
SELECT referrer_id, count(*) FILTER (WHERE NOT is_void) AS referrals,
    count(*) FILTER (WHERE NOT is_void AND has_paid) AS paying, count(*) FILTER (WHERE is_void) AS voided,
    coalesce(sum(referrer_days) FILTER (WHERE NOT is_void), 0) AS referrer_days,
    coalesce(sum(referee_days) FILTER (WHERE NOT is_void), 0) AS referee_days
FROM brought GROUP BY referrer_id ORDER BY referrals DESC, paying DESC, referrer_id
"""


class UsageMethods:
    """Figures about the ways in which the bot is used."""

    @query
    def get_usage_patterns(self, days: int = 30, now: datetime | None = None) -> dict[str, Any]:
        """Give {hours_of_week [7 lists of 24], busiest {weekday, hour, requests}, features {event: times},
        tiers {free, premium, pro: {users, share}}, period {start, end}} of the last days, today among them.

        `hours_of_week` are requests by weekday, Monday first, and hour of `BOT_TIME_ZONE`; a feature is used
        whenever its metric is recorded, a bot's own among them; failures and losses are none, gauges
        cannot be told apart. `tiers` are those who were active then, by the tier that they have now.
        Units: `share` is a percentage. Errors: `InvalidInput` unless days are 1 to 366.
        """
        moment = moment_of(now)
        first = clock.today(moment) - timedelta(days=whole("days", days, 1, MOST_DAYS) - 1)
        within = Range(clock.start_of_day(first), moment)
        with one_moment():
            history = History.read()
            hours = _hours_of_week(history, within)
            events = history.parts("events", within.start, within.end)
            tiers = _active_by_tier(history, within, moment)
        requests, weekday, hour = max(
            (hours[day][hour], -day, -hour) for day in range(DAYS_OF_WEEK) for hour in range(HOURS_OF_DAY)
        )
        return {
            "hours_of_week": hours,
            "busiest": {"weekday": -weekday, "hour": -hour, "requests": requests},
            "features": {name: times for name, times in events.items() if name not in NO_FEATURES},
            "tiers": tiers,
            "period": within.period,
        }

    @query
    def get_referral_performance(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        limit: int = 10,
        now: datetime | None = None,
    ) -> dict[str, Any]:
        """Give {referrals, voided, referrers, paying, conversion_rate, days_given {referrers, referred},
        top_referrers [{user_id (Telegram id), nickname, referrals, paying}], period {start, end}}.

        `paying` counts the referred users who have ever paid; voided referrals count apart.
        Units: the rate is a percentage of the referrals. Errors: as `get_user_activity_metrics`.
        """
        within = range_of(start_date, end_date, moment_of(now))
        most = whole("limit", limit, 1, MAX_LIMIT)
        with one_moment():
            with connection.cursor() as cursor:
                cursor.execute(_REFERRALS, {"start": within.start, "end": within.end})
                names = [column.name for column in cursor.description or ()]
                rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            bringing = [row for row in rows if row["referrals"]]
            top = bringing[:most]
            known = User.objects.in_bulk([row["referrer_id"] for row in top])
        sums = Counter({name: sum(row[name] for row in rows) for name in names[1:]})
        return {
            "referrals": sums["referrals"],
            "voided": sums["voided"],
            "referrers": len(bringing),
            "paying": sums["paying"],
            "conversion_rate": percentage(sums["paying"], sums["referrals"]),
            "days_given": {"referrers": sums["referrer_days"], "referred": sums["referee_days"]},
            "top_referrers": [
                {
                    "user_id": known[row["referrer_id"]].telegram_id,
                    "nickname": known[row["referrer_id"]].faceit_nickname,
                    "referrals": row["referrals"],
                    "paying": row["paying"],
                }
                for row in top
            ],
            "period": within.period,
        }


def _hours_of_week(history: History, within: Range) -> list[list[int]]:
    hours = [[0] * HOURS_OF_DAY for _day in range(DAYS_OF_WEEK)]
    for at, requests in history.series("requests", within.start, within.end, Span.HOUR):
        hours[at.weekday()][at.hour] += requests
    return hours


def _active_by_tier(history: History, within: Range, now: datetime) -> dict[str, Any]:
    # Looked up one by one: joined, all subscriptions there are might be read for a few who were active.
    theirs = UserSubscription.objects.filter(user=OuterRef("pk")).annotate(in_force=tier_in_force(now))
    active = User.objects.living().filter(pk__in=_active_within(history, within)).order_by()
    with_tier = active.annotate(in_force=Subquery(theirs.values("in_force")[:1])).exclude(in_force=None)
    counted = dict(with_tier.values_list("in_force").annotate(Count("pk")))
    total = sum(counted.values())
    return {
        tier: {"users": counted.get(tier, 0), "share": percentage(counted.get(tier, 0), total)}
        for tier in SubscriptionTier.values
    }


def _active_within(history: History, within: Range) -> QuerySet[Any, Any]:
    """Give the ids of those who were active then: of noted days, and raw of the rest."""
    days, rest = history.noted_days(within.start, within.end)
    rows = ACTIVITY.all_rows().order_by()
    raw = (rows.filter(stretches.within(ACTIVITY.at, rest)) if rest else rows.none()).values("user_id")
    months = months_of(history.calendar, days)
    if not months:
        return raw
    any_of = (Q(GreaterThan(F("days").bitand(bits), 0), month=month) for month, bits in months)
    noted = ActiveMonth.objects.filter(reduce(or_, any_of), zone=history.calendar.name).values("user_id")
    return noted.union(raw) if rest else noted
