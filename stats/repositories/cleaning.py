"""What is of no use any more goes; how many cards there are."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Q

from faceitbot.core.cache import maintenance
from faceitbot.core.figures import percentage
from faceitbot.core.transactions import long_query, query
from faceitbot.core.values import whole
from stats import cleaning
from stats.figures import moment_of
from stats.models import PlayerStatsCache
from stats.models.points import FEWEST_DAYS

JOB_SECONDS = 3_600.0
MAX_DAYS = 3650


class OldHistory(NamedTuple):
    """How many rows were old: points of the history, and matches of players."""

    points: int
    matches: int


class CleaningMethods:
    """Cleaning works in batches, each a transaction of its own; what is left is done the next time."""

    @long_query(budget_seconds=JOB_SECONDS)
    def cleanup_expired_stats(
        self, expired_for_days: int = 0, *, dry_run: bool = False, now: datetime | None = None
    ) -> int:
        """Delete the cards that expired so long ago, with their maps; give how many there were.

        Matches and points stay; what lifetime statistics told is on the card alone and goes with it. A dry
        run does the same work and rolls it back.
        """
        days = whole("expired_for_days", expired_for_days, 0, MAX_DAYS)
        return cleaning.delete_expired_cards(moment_of(now) - timedelta(days=days), dry_run=dry_run)

    @long_query(budget_seconds=JOB_SECONDS)
    def cleanup_old_history(
        self, days_old: int | None = None, *, dry_run: bool = False, now: datetime | None = None
    ) -> OldHistory:
        """Delete points and matches of players that are older; give how many there were.

        The newest point of each player stays.
        Units: `days_old` is the setting PLAYER_HISTORY_DAYS unless given, and 30 at the least.
        """
        kept: int = settings.PLAYER_HISTORY_DAYS if days_old is None else days_old
        before = moment_of(now) - timedelta(days=whole("days_old", kept, FEWEST_DAYS, MAX_DAYS))
        points = cleaning.delete_old_points(before, dry_run=dry_run)
        return OldHistory(points, cleaning.delete_old_matches(before, dry_run=dry_run))

    @query
    def get_cache_statistics(self, now: datetime | None = None) -> dict[str, Any]:
        """Give {total_cached_players, active_cached_players, expired_cached_players, game_distribution,
        skill_level_distribution {"level_9": n},
        cache_performance {recent_cache_misses_1h, cache_utilization}}.

        Units: `cache_utilization` is the percentage of cards that are live. The misses are roughly those of
        all players and users within an hour, None while Redis is away.
        """
        moment, rows = moment_of(now), PlayerStatsCache.objects.order_by()
        counts = rows.aggregate(total=Count("pk"), active=Count("pk", filter=Q(expires_at__gt=moment)))
        games = rows.values_list("game").annotate(Count("pk")).order_by("game")
        levels = rows.filter(skill_level__isnull=False).values_list("skill_level").annotate(Count("pk"))
        return {
            "total_cached_players": counts["total"],
            "active_cached_players": counts["active"],
            "expired_cached_players": counts["total"] - counts["active"],
            "game_distribution": dict(games),
            "skill_level_distribution": {
                f"level_{n}": number for n, number in levels.order_by("skill_level")
            },
            "cache_performance": {
                "recent_cache_misses_1h": maintenance.misses_of_last_hour("player_cache", moment),
                "cache_utilization": percentage(counts["active"], counts["total"]),
            },
        }
