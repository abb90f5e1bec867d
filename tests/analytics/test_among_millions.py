"""Figures read as few rows after years as at the beginning, and of a busy bot as of a quiet one."""

import json
import statistics
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from analytics.repositories import AnalyticsRepository, RollUpRepository
from faceitbot.core import clock
from faceitbot.core.repository import BaseRepository
from tests.analytics import years
from tests.analytics.years import Years
from tests.millions.plans import Statement, explained, heard, nodes_of, read_by

pytestmark = [pytest.mark.proof("roll_ups_in_years"), pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)
ROUNDS = 5
GROWTH = 1.3
LOOK_BACK = 430  # days, in which churn looks for whose time ends within a month
analytics = AnalyticsRepository()
# These look at single people: who came, came back, pays, has been brought.
OF_PEOPLE = {
    "get_churn",
    "get_funnel",
    "get_referral_performance",
    "get_retention_cohorts",
    "get_revenue_analytics",
}
OF_EVERYBODY = "get_user_engagement_stats"  # how many requests each user has made since he came


@dataclass(frozen=True)
class Sizes:
    """A bot for a tenth of the time, for all of it but a tenth as busy, and for all of it.

    `allowed` is how many rows a figure may read more, however much has happened: days of sums, the hour that
    is not over, lengths of processing times that become more.
    """

    short: Years
    quiet: Years
    busy: Years
    days: int  # that figures are asked for at most
    allowed: int


SMALL = Sizes(Years(8, 10, 20, 100), Years(80, 10, 20, 10), Years(80, 10, 20, 100), days=8, allowed=1_000)
FULL = Sizes(
    Years(360, 28, 200, 280), Years(3_600, 28, 200, 28), Years(3_600, 28, 200, 280), days=300, allowed=5_000
)


def figures(now, most_days=300):
    """Give a call of each figure that the repository answers, about so many days at most."""
    days = min(most_days, 30)
    long, month = {"start_date": now - most_days * DAY, "end_date": now}, {"start_date": now - days * DAY}
    arguments: dict[str, dict[str, Any]] = {
        "get_user_activity_metrics": long,
        "get_user_engagement_stats": {},
        "aggregate_daily_metrics": {"date": clock.today(now) - 5 * DAY},
        "get_retention_cohorts": {"weeks": min(most_days // 7, 8)},
        "get_funnel": long,
        "get_performance_metrics": {"hours": 24 * days},
        "get_revenue_analytics": long,
        "get_revenue_by_tier": long,
        "get_churn": month,
        "get_usage_patterns": {"days": days},
        "get_referral_performance": long,
        "get_realtime_dashboard": {},
        "get_live_figures": {},
        "get_live_figures_a_week_before": {},
        "get_live_series": {"hours": 48, "days": most_days},
    }
    return {
        name: partial(getattr(analytics, name).blocking, **values, now=now)
        for name, values in arguments.items()
    }


def test_no_figure_is_left_out():
    public = {name for name in dir(AnalyticsRepository) if name.startswith(("get_", "aggregate_"))}

    assert set(figures(clock.now())) == public - set(dir(BaseRepository))


def timed(work, rounds):
    """Give what some work gives, and the median of its times in milliseconds."""
    times = []
    for _round in range(rounds):
        began = time.perf_counter()
        found = work()
        times.append((time.perf_counter() - began) * 1_000)
    return found, statistics.median(times)


def rows_of(work):
    """Give how many rows of tables some work reads."""
    statements: list[Statement] = []
    with heard(statements):
        work()
    plans = [
        json.loads(explained(each, "ANALYZE, FORMAT JSON"))[0]["Plan"]
        for each in statements
        if each.sql.split(maxsplit=1)[0] in ("SELECT", "WITH")
    ]
    return sum(read_by(node) for plan in plans for node in nodes_of(plan))


def compared(answer):
    """Give what is the same whether sums have been made or not."""
    return {name: value for name, value in answer.items() if name != "health"}


def measured(size, days, rounds, report):
    """Give the milliseconds and the rows of each figure; what sums answer is what the raw rows answer."""
    calls = figures(clock.now(), days)
    raw = {name: timed(work, min(rounds, 3)) for name, work in calls.items()}
    began = time.perf_counter()
    RollUpRepository().update_roll_ups.blocking()
    report(f"{size.analyses} analyses in {size.days} days, summed up in {time.perf_counter() - began:.0f} s:")
    years.analyse_sums()
    found = {}
    for name, work in calls.items():
        answer, milliseconds = timed(work, rounds)
        expected, raw_milliseconds = raw[name]
        assert compared(answer) == compared(expected), name
        found[name] = milliseconds, rows_of(work)
        ratio = raw_milliseconds / milliseconds
        report(
            f"  {name}: {milliseconds:.1f} ms, {found[name][1]} rows; "
            f"raw {raw_milliseconds:.1f} ms, {ratio:.1f}x"
        )
    return found


def test_figures_do_not_grow_with_what_has_happened(full_size, report, monkeypatch):
    sizes, rounds = (FULL, ROUNDS) if full_size else (SMALL, 1)
    tell = report if full_size else lambda _line: None
    if not full_size:  # the planner reads small tables whole, where an index would serve
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "options", "-c enable_seqscan=off")
        connection.close()

    years.fill(sizes.quiet)
    quiet = measured(sizes.quiet, sizes.days, rounds, tell)
    years.empty()
    years.fill(sizes.short)
    short = measured(sizes.short, sizes.days, rounds, tell)
    years.fill(sizes.busy, past=sizes.short.days)
    busy = measured(sizes.busy, sizes.days, rounds, tell)
    years.empty()

    def too_many(before, sparing, allowed=0):
        return {
            name: (rows, busy[name][1])
            for name, (_milliseconds, rows) in before.items()
            if name not in sparing and busy[name][1] > GROWTH * rows + sizes.allowed + allowed
        }

    people = LOOK_BACK * (sizes.busy.users_a_day + sizes.busy.analyses_a_day // 10)
    assert too_many(short, {OF_EVERYBODY}) == {}
    assert too_many(quiet, OF_PEOPLE | {OF_EVERYBODY}) == {}
    assert too_many(quiet, {OF_EVERYBODY}, allowed=people) == {}
    assert busy[OF_EVERYBODY][1] <= GROWTH * sizes.busy.users + sizes.allowed
    for name, (milliseconds, _rows) in busy.items():
        tell(
            f"{name}: {milliseconds / short[name][0]:.2f} times as long after ten times the time, "
            f"{milliseconds / quiet[name][0]:.2f} times for ten times as much in it"
        )
