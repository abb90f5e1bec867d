"""Figures that somebody looks at all the time: of the last hour, of that hour a week before, and series."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, F, Func
from django.db.models.functions import Cast

from analytics.models import Span
from analytics.moments import moment_of
from analytics.ranges import buckets
from analytics.rollups.counts import ACTIVE_USERS
from analytics.rollups.durations import bin_of, percentile
from analytics.rollups.reading import History
from analytics.sources import ANALYSES
from faceitbot.core import clock
from faceitbot.core.figures import percentage
from faceitbot.core.one_moment import one_moment
from faceitbot.core.transactions import query
from faceitbot.core.values import whole
from users.models import User

ACTIVE_NOW = timedelta(minutes=5)
AN_HOUR, A_WEEK = timedelta(hours=1), timedelta(days=7)
MOST_HOURS, MOST_DAYS = 48, 366
STEP, STEP_WORDS, ORIGIN = timedelta(minutes=10), "10 minutes", "2000-01-01 00:00+00"


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
        """Give {requests, errors (by hour), p50_ms, p95_ms (by ten minutes), active_users, revenue (by day)}.

        So many hours that are over, and the present one; so many days, today among them. Times are those of
        analyses, and None where there are none; revenue is what was earned, less what went back.
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
            times = times_by_step(first_hour, moment)
            return {
                "requests": buckets(history.series("requests", *by_hour)),
                "errors": buckets(history.series("errors", *by_hour)),
                **{
                    f"p{percent}_ms": [
                        {"bucket": start.isoformat(), "value": percentile(found, percent) if found else None}
                        for start, found in times
                    ]
                    for percent in (50, 95)
                },
                "active_users": buckets(history.series(ACTIVE_USERS, *by_day)),
                "revenue": buckets(
                    [(day, came - went) for (day, came), (_day, went) in zip(earned, refunded, strict=True)]
                ),
            }


def times_by_step(start: datetime, end: datetime) -> list[tuple[datetime, dict[str, int]]]:
    """Give how many analyses of each length there were in each ten minutes, none left out; one query.

    Rows are read: sums are by the hour. Shape: as `percentile` wants them.
    """
    zone = clock.bot_zone()
    steps: dict[datetime, dict[str, int]] = {}
    step = start
    while step <= end:
        steps[step] = {}
        step += STEP
    since = Func(F(ANALYSES.at), template=f"date_bin('{STEP_WORDS}', %(expressions)s, '{ORIGIN}')")
    rows = ANALYSES.rows(start, end + timedelta(microseconds=1)).filter(processing_time_ms__isnull=False)
    found = rows.values(step=Cast(since, DateTimeField()), bin=bin_of("processing_time_ms"))
    for step, bin_number, number in found.annotate(number=Count("pk")).values_list("step", "bin", "number"):
        steps[step][str(bin_number)] = number
    return [(each.astimezone(zone), parts) for each, parts in steps.items()]


def requests_of_an_hour(history: History, now: datetime) -> int:
    """Give the requests of the last 60 minutes, as far as they can be told from hours."""
    return requests_of_hours(history, now, 1)


def requests_of_hours(history: History, now: datetime, hours: int) -> int:
    """Give the requests of so many times 60 minutes: of the hour that they begin in a part is taken."""
    hour = clock.start_of_hour(now)
    whole_hours = hour - (hours - 1) * AN_HOUR
    before = history.total("requests", whole_hours - AN_HOUR, whole_hours)
    return history.total("requests", whole_hours, now + timedelta(microseconds=1)) + round(
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
