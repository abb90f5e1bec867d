"""How fast and how reliably the bot answers."""

from datetime import datetime, timedelta
from typing import Any

from analytics.models import Span
from analytics.moments import moment_of
from analytics.ranges import Range, series
from analytics.repositories.live import requests_of_hours
from analytics.rollups.durations import percentile
from analytics.rollups.reading import History
from faceitbot.core.figures import percentage
from faceitbot.core.one_moment import one_moment
from faceitbot.core.transactions import query
from faceitbot.core.values import whole

MOST_HOURS = 24 * 366


class PerformanceMethods:
    """Figures about analyses and requests as work that is done."""

    @query
    def get_performance_metrics(self, hours: int = 24, now: datetime | None = None) -> dict[str, Any]:
        """Give {processing_times {average_ms, median_ms, p95_ms, p99_ms, max_ms}, cache_performance
        {total_requests, cache_hits, hit_rate}, reliability {total_requests, failed_requests, error_rate},
        volume (series by hour), period_hours}, of so many times 60 minutes up to this moment.

        Times and volume are those of analyses; of their `total_requests` so many were made from stored data.
        `reliability` counts what users asked for and what of that was reported as failed; a match that was
        cancelled is no failure. The series begins with what lies within of its first hour; requests are kept
        by the hour: of that one a part is taken.
        Units: milliseconds, percentiles within 1 %; rates are percentages.
        Errors: `InvalidInput` unless hours are from 1 to a year.
        """
        moment = moment_of(now)
        number = whole("hours", hours, 1, MOST_HOURS)
        first = moment - timedelta(hours=number)
        within = Range(first, moment)
        with one_moment():
            history = History.read()
            analyses = history.total("analyses", first, moment)
            hits = history.total("cache_hits", first, moment)
            return {
                "processing_times": _times(history, within),
                "cache_performance": {
                    "total_requests": analyses,
                    "cache_hits": hits,
                    "hit_rate": percentage(hits, analyses),
                },
                "reliability": _reliability(history, within, number),
                "volume": series(history, "analyses", within, Span.HOUR),
                "period_hours": number,
            }


def _reliability(history: History, within: Range, hours: int) -> dict[str, Any]:
    """Give {total_requests, failed_requests, error_rate}: what failed comes on top of what is counted."""
    requests = requests_of_hours(history, within.end, hours)
    failed = history.total("errors", within.start, within.end)
    return {
        "total_requests": requests,
        "failed_requests": failed,
        "error_rate": percentage(failed, failed + requests),
    }


def _times(history: History, within: Range) -> dict[str, float]:
    by_length = history.parts("times", within.start, within.end)
    number = sum(by_length.values())
    milliseconds = history.total("times_sum", within.start, within.end)
    return {
        "average_ms": round(milliseconds / number, 2) if number else 0.0,
        "median_ms": percentile(by_length, 50),
        "p95_ms": percentile(by_length, 95),
        "p99_ms": percentile(by_length, 99),
        "max_ms": history.total("times_max", within.start, within.end),
    }
