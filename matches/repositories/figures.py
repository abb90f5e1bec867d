"""Figures about analyses, which may be as old as `STATS_CACHE_SECONDS`."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, Sum

from faceitbot.core import clock
from faceitbot.core.cache import cache_stats_data
from faceitbot.core.errors import InvalidInput
from faceitbot.core.figures import percentage
from faceitbot.core.ids import row_id
from faceitbot.core.repository import page
from faceitbot.core.transactions import query
from faceitbot.core.values import whole
from matches.models import MatchAnalysis

MAX_HOURS = 24 * 3650


class FigureMethods:
    """Counts over analyses."""

    @cache_stats_data()
    @query
    def get_match_analysis_stats(
        self,
        user_id: UUID | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        fresh: bool = False,
    ) -> dict[str, Any]:
        """Give {total_analyses, status_distribution, game_distribution, cache_usage {cached_analyses,
        cache_hit_rate}, processing_times {average_ms, minimum_ms, maximum_ms}, period {start, end}}.

        An analysis counts when it was last made, start included, end not; without a date there is no bound
        on that side.
        Units: the hit rate is the percentage of analyses made from stored data; times are those of the
        analyses that have one, 0 without any.
        Cached: may be STATS_CACHE_SECONDS old unless `fresh`.
        Errors: `InvalidInput` for a naive date, or an end before the start.
        """
        start = clock.aware_or_none(start_date, "start_date")
        end = clock.aware_or_none(end_date, "end_date")
        if start and end and end < start:
            raise InvalidInput("end_date lies before start_date", field="end_date")
        rows = MatchAnalysis.objects.analysed_within(start, end)
        if user_id is not None:
            rows = rows.filter(user_id=row_id(user_id, "user_id"))
        groups: list[Any] = list(
            rows.order_by()
            .values("status", "game")
            .annotate(
                number=Count("pk"),
                cached=Count("pk", filter=Q(cached_data_used=True)),
                measured=Count("processing_time_ms"),
                milliseconds=Sum("processing_time_ms"),
                shortest=Min("processing_time_ms"),
                longest=Max("processing_time_ms"),
            )
        )
        total = sum(group["number"] for group in groups)
        cached = sum(group["cached"] for group in groups)
        return {
            "total_analyses": total,
            "status_distribution": _shares(groups, "status"),
            "game_distribution": _shares(groups, "game"),
            "cache_usage": {"cached_analyses": cached, "cache_hit_rate": percentage(cached, total)},
            "processing_times": _times(groups),
            "period": {"start": _text(start), "end": _text(end)},
        }

    @cache_stats_data()
    @query
    def get_popular_matches(
        self, limit: int = 10, hours: int = 24, now: datetime | None = None, fresh: bool = False
    ) -> list[dict[str, Any]]:
        """Give the matches that most users had analysed within the last hours, the latest of equals first.

        Shape: [{match_id, competition_name, map_name, game, analysis_count, latest_analysis}].
        Cached: may be STATS_CACHE_SECONDS old unless `fresh`.
        """
        moment = clock.now() if now is None else clock.aware(now)
        since = moment - timedelta(hours=whole("hours", hours, 1, MAX_HOURS))
        most = page(0, limit)
        # The index has all that this needs; names are looked up for the few that are shown.
        counts = (
            MatchAnalysis.objects.analysed_within(since, None)
            .order_by()
            .values("match_id")
            .annotate(analysis_count=Count("*"), latest_analysis=Max("analysed_at"))
            .order_by("-analysis_count", "-latest_analysis", "match_id")
        )
        found = list(counts[most])
        names = {
            row["match_id"]: row
            for row in MatchAnalysis.objects.filter(match_id__in=[row["match_id"] for row in found])
            .order_by("match_id", "-analysed_at", "id")
            .distinct("match_id")
            .values("match_id", "competition_name", "map_name", "game")
        }
        return [{**names[row["match_id"]], **row} for row in found if row["match_id"] in names]


def _shares(groups: list[Any], name: str) -> dict[str, int]:
    shares: Counter[str] = Counter()
    for group in groups:
        shares[group[name]] += group["number"]
    return dict(sorted(shares.items()))


def _times(groups: list[Any]) -> dict[str, float | int]:
    measured = [group for group in groups if group["measured"]]
    number = sum(group["measured"] for group in measured)
    milliseconds = sum(group["milliseconds"] for group in measured)
    return {
        "average_ms": round(milliseconds / number, 2) if number else 0.0,
        "minimum_ms": min((group["shortest"] for group in measured), default=0),
        "maximum_ms": max((group["longest"] for group in measured), default=0),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
