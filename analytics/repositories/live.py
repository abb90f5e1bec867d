"""Figures that somebody looks at all the time: of the last hour, of that hour a week before, and series."""

from datetime import datetime, timedelta
from typing import Any

from analytics.models import Span
from analytics.moments import moment_of
from analytics.ranges import buckets
from analytics.rollups.counts import ACTIVE_USERS
from analytics.rollups.durations import percentile
from analytics.rollups.reading import History
from faceitbot.core import clock
from faceitbot.core.figures import percentage
from faceitbot.core.one_moment import one_moment
from faceitbot.core.transactions import query
from faceitbot.core.values import whole
from users.models import User

ACTIVE_NOW = timedelta(minutes=5)
AN_HOUR, A_WEEK = timedelta(hours=1), timedelta(days=7)
MOST_HOURS, MOST_DAYS = 48, 366


class LiveMethods:
    """Figures of this moment, each of which can be set beside that of a week before."""

    @query
    def get_live_figures(self, now: datetime | None = None) -> dict[str, Any]:
        """Give {active_now, active_users, requests, revenue_today, errors, p95_ms, hit_rate, timestamp}.

        All are of the last 60 minutes but for `active_now`, who was active within 5, and `revenue_today`,
        which begins at midnight of `BOT_TIME_ZONE`. `p95_ms` and `hit_rate` are those of analyses, and None
        without any. Requests are kept by the hour: of the one before the present hour a part is taken.
        Units: whole Stars; milliseconds; the rate is a percentage.
        """
        moment = moment_of(now)
        living = User.objects.living()
        with one_moment():
            history = History.read()
            return {
                "active_now": living.active_since(moment - ACTIVE_NOW).count(),
                "active_users": living.active_since(moment - AN_HOUR).count(),
                "requests": requests_of_an_hour(history, moment),
                **_of_an_hour(history, moment),
                "timestamp": moment.isoformat(),
            }

    @query
    def get_live_figures_a_week_before(self, now: datetime | None = None) -> dict[str, Any]:
        """Give what `get_live_figures` gave at the same time of day a week before, but for `active_now`.

        Who was active is kept by the hour: of the two that the 60 minutes reach into, parts are taken.
        """
        present = moment_of(now)
        today = clock.today(present)
        moment = clock.start_of_day(today - A_WEEK) + (present - clock.start_of_day(today))
        hour = clock.start_of_hour(moment)
        part = (moment - hour) / AN_HOUR
        with one_moment():
            history = History.read()

            def blended(name: str) -> int:
                series = history.series(name, hour - AN_HOUR, hour + AN_HOUR, Span.HOUR)
                (_earlier, before), (_later, within) = series
                return round(before * (1 - part) + within * part)

            return {
                "active_users": blended(ACTIVE_USERS),
                "requests": blended("requests"),
                **_of_an_hour(history, moment),
                "timestamp": moment.isoformat(),
            }

    @query
    def get_live_series(self, hours: int = 6, days: int = 30, now: datetime | None = None) -> dict[str, Any]:
        """Give {requests, errors, p50_ms, p95_ms (by hour), active_users, revenue (by day)}.

        So many hours that are over, and the present one; so many days, today among them. Times are those of
        analyses, and None in an hour without any; revenue is what was earned, less what went back.
        Shape: each is [{bucket, value}], oldest first.
        Errors: `InvalidInput` unless hours are 1 to 48 and days 1 to 366.
        """
        moment = moment_of(now)
        first_hour = clock.start_of_hour(moment) - whole("hours", hours, 1, MOST_HOURS) * AN_HOUR
        first_day = clock.today(moment) - timedelta(days=whole("days", days, 1, MOST_DAYS) - 1)
        by_hour = first_hour, moment, Span.HOUR
        by_day = clock.start_of_day(first_day), moment, Span.DAY
        with one_moment():
            history = History.read()
            earned, refunded = (history.series(name, *by_day) for name in ("revenue", "refunds"))
            requests = history.series("requests", *by_hour)
            times = [history.parts("times", start, start + AN_HOUR) for start, _value in requests]
            return {
                "requests": buckets(requests),
                "errors": buckets(history.series("errors", *by_hour)),
                **{
                    f"p{percent}_ms": [
                        {"bucket": start.isoformat(), "value": percentile(found, percent) if found else None}
                        for (start, _value), found in zip(requests, times, strict=True)
                    ]
                    for percent in (50, 95)
                },
                "active_users": buckets(history.series(ACTIVE_USERS, *by_day)),
                "revenue": buckets(
                    [(day, came - went) for (day, came), (_day, went) in zip(earned, refunded, strict=True)]
                ),
            }


def requests_of_an_hour(history: History, now: datetime) -> int:
    """Give the requests of the last 60 minutes, as far as they can be told from hours."""
    hour = clock.start_of_hour(now)
    before = history.total("requests", hour - AN_HOUR, hour)
    return history.total("requests", hour, now + timedelta(microseconds=1)) + round(
        before * (1 - (now - hour) / AN_HOUR)
    )


def _of_an_hour(history: History, end: datetime) -> dict[str, Any]:
    """Give what is known to the second."""
    begin = end - AN_HOUR
    times = history.parts("times", begin, end)
    analyses = history.total("analyses", begin, end)
    return {
        "revenue_today": history.total("revenue", clock.start_of_day(clock.today(end)), end),
        "errors": history.total("errors", begin, end),
        "p95_ms": percentile(times, 95) if times else None,
        "hit_rate": percentage(history.total("cache_hits", begin, end), analyses) if analyses else None,
    }
