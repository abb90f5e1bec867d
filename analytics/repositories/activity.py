"""Who uses the bot, and how much."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Q, Sum, Value, When

from analytics import coming_back
from analytics.models import Span
from analytics.moments import day_of, moment_of
from analytics.ranges import range_of, series, span_within
from analytics.rollups.reading import History
from faceitbot.core import clock
from faceitbot.core.figures import percentage
from faceitbot.core.one_moment import one_moment
from faceitbot.core.transactions import query
from users.models import User

# By how many requests somebody has made since he came; whoever has made more is a power user.
LIFECYCLE = {"inactive": 0, "new": 5, "engaged": 20, "active": 100}
MOST_ACTIVE = "power_user"
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


class ActivityMethods:
    """Figures about users and their requests."""

    @query
    def get_user_activity_metrics(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        granularity: str = "daily",
        now: datetime | None = None,
    ) -> dict[str, Any]:
        """Give {active_users, new_users, requests (series), granularity, period {start, end}}.

        The last 30 days unless told otherwise; granularity is hourly, daily, weekly or monthly. Whoever is
        active twice within a bucket counts once. Activity is kept by the hour: an hour belongs to the range
        that it begins in.
        Errors: `InvalidInput` for another granularity, a naive date, an end before the start.
        """
        within = range_of(start_date, end_date, moment_of(now))
        span = span_within(granularity, within)
        with one_moment():
            history = History.read()
            return {
                "active_users": series(history, "active_users", within, span),
                "new_users": series(history, "new_users", within, span),
                "requests": series(history, "requests", within, span),
                "granularity": granularity,
                "period": within.period,
            }

    @query
    def get_user_engagement_stats(self, now: datetime | None = None) -> dict[str, Any]:
        """Give {active_users {daily, weekly, monthly, retention_rate, stickiness}, engagement
        {average_requests_per_user, lifecycle_distribution {inactive, new, engaged, active, power_user}},
        integration {total_users, linked_users, link_rate}}.

        Daily is today, weekly and monthly the 7 and 30 days that end with it, each user once. Of those who
        were active in the 7 days before these 7, `retention_rate` came back; `stickiness` is today's share of
        the month's. The others are figures of all users but the erased: the lifecycle is by their requests
        since they came.
        Units: rates are percentages.
        """
        moment = moment_of(now)
        end = clock.start_of_day(clock.today(moment) + timedelta(days=1))
        with one_moment():
            history = History.read()
            daily, weekly, monthly = (
                history.users(_days_before(end, length), end) for length in (timedelta(days=1), WEEK, MONTH)
            )
            week_before = _days_before(end, WEEK)
            before, stayed = coming_back.count_stayers(
                history, (_days_before(end, 2 * WEEK), week_before), (week_before, end)
            )
            people = _people()
        return {
            "active_users": {
                "daily": daily,
                "weekly": weekly,
                "monthly": monthly,
                "retention_rate": percentage(stayed, before),
                "stickiness": percentage(daily, monthly),
            },
            **people,
        }

    @query
    def aggregate_daily_metrics(self, date: date, now: datetime | None = None) -> dict[str, Any]:
        """Give {date, daily_active_users, new_users, total_requests, analyses, revenue, refunds, errors} of a
        day of `BOT_TIME_ZONE`; of today as far as it has come.

        It may be asked for as often as one likes: nothing is added up twice.
        Errors: `InvalidInput` for what is no date.
        """
        day = day_of(date)
        start = clock.start_of_day(day)
        end = min(clock.start_of_day(day + timedelta(days=1)), max(start, moment_of(now)))
        with one_moment():
            history = History.read()
            # As a bucket of a series: of a day that is over, the number of users is stored.
            ((_day, active),) = history.series("active_users", start, end, Span.DAY) or [(start, 0)]
            counts = {
                name: history.total(count, start, end)
                for name, count in (
                    ("new_users", "new_users"),
                    ("total_requests", "requests"),
                    ("analyses", "analyses"),
                    ("revenue", "revenue"),
                    ("refunds", "refunds"),
                    ("errors", "errors"),
                )
            }
        return {"date": day.isoformat(), "daily_active_users": active, **counts}


def _days_before(end: datetime, length: timedelta) -> datetime:
    """Give the midnight that lies so many days before another one, also where a day has 23 hours."""
    return clock.start_of_day(clock.today(end) - length)


def _people() -> dict[str, Any]:
    stages = [When(total_requests__lte=most, then=Value(stage)) for stage, most in LIFECYCLE.items()]
    stage = Case(*stages, default=Value(MOST_ACTIVE), output_field=CharField())
    rows = User.objects.living().order_by().annotate(stage=stage).values_list("stage")
    counted = rows.annotate(
        users=Count("pk"),
        linked=Count("pk", filter=Q(faceit_player_id__isnull=False)),
        requests=Sum("total_requests"),
    )
    by_stage = {name: tuple(map(int, counts)) for name, *counts in counted}
    users, linked, requests = map(sum, zip((0, 0, 0), *by_stage.values(), strict=True))
    return {
        "engagement": {
            "average_requests_per_user": round(requests / users, 2) if users else 0.0,
            "lifecycle_distribution": {
                name: by_stage[name][0] if name in by_stage else 0 for name in (*LIFECYCLE, MOST_ACTIVE)
            },
        },
        "integration": {
            "total_users": users,
            "linked_users": linked,
            "link_rate": percentage(linked, users),
        },
    }
