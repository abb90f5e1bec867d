"""Figures read as few rows after years as at the beginning, and of a busy bot as of a quiet one."""

import json
import statistics
import time
from datetime import timedelta

import pytest

from analytics.models import Span
from analytics.repositories import RollUpRepository
from analytics.rollups.durations import percentile
from analytics.rollups.reading import History
from faceitbot.core import clock
from tests.admin.touring import Statement, explained, heard, nodes_of, read_by
from tests.analytics import plain, years
from tests.analytics.years import Years

pytestmark = [pytest.mark.proof("roll_ups_in_years"), pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)
ROUNDS = 5
MOST_ROWS = 12_000  # of sums, and of the hour that is not over; users are counted apart
QUIET, BUSY = Years(60, 1_000, 1_500), Years(60, 1_000, 6_000)
FULL_QUIET, FULL_BUSY = Years(1_095, 100_000, 100_000), Years(1_095, 100_000, 1_000_000)


def figures(now):
    """Give what dashboards ask: each a function of the history, and the same by plain SQL."""
    month, year, ever = now - 30 * DAY, now - 365 * DAY, now - 1_094 * DAY
    return {
        "revenue of three years, by month": (
            lambda h: h.series("revenue", ever, now, Span.MONTH),
            lambda: plain.series("revenue", ever, now, "month", "Europe/Moscow"),
        ),
        "revenue of a year, by plan": (lambda h: h.parts("revenue", year, now), None),
        "requests of a month, by hour": (
            lambda h: h.series("requests", month, now, Span.HOUR),
            lambda: plain.series("requests", month, now, "hour", "UTC"),
        ),
        "active users of a year, by day": (
            lambda h: h.series("active_users", year, now, Span.DAY),
            lambda: plain.series("active_users", year, now, "day", "Europe/Moscow"),
        ),
        "active users of a year, by month": (
            lambda h: h.series("active_users", year, now, Span.MONTH),
            lambda: plain.series("active_users", year, now, "month", "Europe/Moscow"),
        ),
        "analyses of three years": (
            lambda h: h.total("analyses", ever, now),
            lambda: plain.total("analyses", ever, now),
        ),
        "new users of a year": (
            lambda h: h.total("new_users", year, now),
            lambda: plain.total("new_users", year, now),
        ),
        "errors of a year, by week": (
            lambda h: h.series("errors", year, now, Span.WEEK),
            lambda: plain.series("errors", year, now, "week", "Europe/Moscow"),
        ),
        "longest analysis of a year": (
            lambda h: h.total("times_max", year, now),
            lambda: plain.total("times_max", year, now),
        ),
        "95th percentile of a month's processing times": (
            lambda h: percentile(h.parts("times", month, now), 95),
            None,
        ),
    }


def values_of(found):
    """Give what can be compared: a figure, or the buckets that are not 0."""
    return {begin: value for begin, value in found if value} if isinstance(found, list) else found


def timed(work):
    """Give what some work gives, and the median of its times in milliseconds."""
    times = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        found = work()
        times.append((time.perf_counter() - began) * 1_000)
    return found, statistics.median(times)


def rows_of(work):
    """Give how many rows of tables some work reads, those of users' months aside."""
    statements: list[Statement] = []
    with heard(statements):
        work()
    plans = [json.loads(explained(each, "ANALYZE, FORMAT JSON"))[0]["Plan"] for each in statements]
    nodes = [node for plan in plans for node in nodes_of(plan)]
    return sum(read_by(node) for node in nodes if node.get("Relation Name") != "active_months")


def measured(size, before, report, full_size):
    """Fill, sum up, and give the time and the rows of each figure."""
    years.fill(size, before)
    began = time.perf_counter()
    RollUpRepository().update_roll_ups.blocking()
    if full_size:
        report(f"{size.analyses} analyses: summed up in {time.perf_counter() - began:.0f} s")
    years.analyse_sums()
    now, found = clock.now(), {}
    for name, (ours, raw) in figures(now).items():
        value, milliseconds = timed(lambda: ours(History.read()))  # noqa: B023 - called at once
        rows = rows_of(lambda: ours(History.read()))  # noqa: B023
        found[name] = milliseconds, rows
        if raw and (full_size or size is BUSY):
            expected, raw_milliseconds = timed(raw)
            assert values_of(value) == expected, name
            if full_size:
                ratio = raw_milliseconds / milliseconds
                report(
                    f"{name}: {milliseconds:.1f} ms, {rows} rows; raw {raw_milliseconds:.1f} ms, {ratio:.0f}x"
                )
        elif full_size:
            report(f"{name}: {milliseconds:.1f} ms, {rows} rows")
    return found


def test_figures_do_not_grow_with_what_has_happened(full_size, report):
    quiet, busy = (FULL_QUIET, FULL_BUSY) if full_size else (QUIET, BUSY)

    first = measured(quiet, 0, report, full_size)
    second = measured(busy, quiet.analyses, report, full_size)

    years.empty()
    rows = {name: found[1] for name, found in second.items()}
    assert {name: read for name, read in rows.items() if read > MOST_ROWS} == {}
    if full_size:
        for name in first:
            report(f"{name}: {second[name][0] / first[name][0]:.2f} times as long for ten times as much")
