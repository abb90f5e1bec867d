"""Lists of cards, and figures over many players."""

from datetime import datetime
from typing import Any, TypedDict

from django.db.models import Count, F, FloatField, Q, Sum
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, NullIf

from faceitbot.core.cache import cache_stats_data
from faceitbot.core.errors import InvalidInput
from faceitbot.core.repository import page
from faceitbot.core.transactions import query
from faceitbot.core.values import whole
from faceitbot.faceit import map_name as normalised
from stats.figures import game_name, moment_of
from stats.models import PlayerMapStats, PlayerStatsCache
from stats.models.checks import DANGERS, LEVELS, MATCHES
from stats.ratings.arithmetic import rounded

TOP_PERFORMERS = 10
SHOWN = 50
_MEANS = {"average_winrate": "winrate", "average_rating": "avg_rating", "average_kd": "avg_kd"}


class MapPerformance(TypedDict):
    """How players do on a map; `stats` are its best, the first ten of them `top_performers`."""

    map_name: str
    total_players: int
    aggregated: dict[str, float]
    top_performers: list[dict[str, Any]]
    stats: list[dict[str, Any]]


class ListMethods:
    """Players by rating, danger, level; players on a map. Only cards that have not expired."""

    @cache_stats_data()
    @query
    def get_top_players_by_rating(
        self,
        game: str = "cs2",
        limit: int = 50,
        min_matches: int = 10,
        now: datetime | None = None,
        fresh: bool = False,
    ) -> list[PlayerStatsCache]:
        """Give the cards with the best ratings of players of whom at least so many matches are known.

        Their ratings rest on as many matches, too, as far as ratings do: on 20 of those that are recorded.
        Cached: may be STATS_CACHE_SECONDS old unless `fresh`.
        """
        fewest = whole("min_matches", min_matches, *MATCHES)
        rows = PlayerStatsCache.objects.live(moment_of(now)).of_game(game_name(game))
        rated = rows.filter(hltv_rating__isnull=False)
        known = rated.known_by(fewest) if fewest else rated
        return list(known.best_first()[page(0, limit)])

    @query
    def get_players_by_danger_level(
        self, danger_level: int, game: str = "cs2", limit: int = 20, now: datetime | None = None
    ) -> list[PlayerStatsCache]:
        """Give the cards of players who are so dangerous, the best rating first."""
        level = whole("danger_level", danger_level, *DANGERS)
        rows = PlayerStatsCache.objects.live(moment_of(now)).of_game(game_name(game))
        return list(rows.filter(danger_level=level).best_first()[page(0, limit)])

    @query
    def search_players_by_skill_range(
        self,
        min_skill_level: int,
        max_skill_level: int,
        game: str = "cs2",
        limit: int = 50,
        now: datetime | None = None,
    ) -> list[PlayerStatsCache]:
        """Give the cards of players within a range of levels, the highest ELO first."""
        lowest = whole("min_skill_level", min_skill_level, *LEVELS)
        highest = whole("max_skill_level", max_skill_level, *LEVELS)
        if lowest > highest:
            raise InvalidInput("min_skill_level is above max_skill_level", field="min_skill_level")
        rows = PlayerStatsCache.objects.live(moment_of(now)).of_game(game_name(game))
        within = rows.filter(skill_level__range=(lowest, highest))
        return list(within.order_by(F("faceit_elo").desc(nulls_last=True), "id")[page(0, limit)])

    @cache_stats_data()
    @query
    def get_map_performance_stats(
        self,
        map_name: str,
        game: str = "cs2",
        min_matches: int = 5,
        now: datetime | None = None,
        fresh: bool = False,
    ) -> MapPerformance:
        """Give how players with at least so many matches on a map do there.

        Shape: see `MapPerformance`; `aggregated` {average_winrate, average_rating, average_kd}, and of each
        player {player_id, nickname, matches, winrate, avg_rating, rating_version, avg_kd, avg_adr}, the best
        rating first.
        Units: win rates in percent. The means are weighted by matches, and 0 where nobody is known.
        Cached: may be STATS_CACHE_SECONDS old unless `fresh`. Computed in the database, from an index.
        """
        name, fewest = normalised(map_name, "map_name"), whole("min_matches", min_matches, *MATCHES)
        rows = PlayerMapStats.objects.filter(
            game=game_name(game), map_name=name, expires_at__gt=moment_of(now), matches__gte=fewest
        )
        sums = rows.aggregate(
            total_players=Count("*"), **{mean: _weighted(column) for mean, column in _MEANS.items()}
        )
        best = rows.order_by(F("avg_rating").desc(nulls_last=True), "id")
        columns = ("matches", "winrate", "avg_rating", "avg_kd", "avg_adr")
        on_card = KeyTransform(name, "card__map_performance")
        named = {
            "player_id": F("card__player_id"),
            "nickname": F("card__nickname"),
            "rating_version": KeyTextTransform("rating_version", on_card),
        }
        stats = list(best.values(*columns, **named)[:SHOWN])
        return {
            "map_name": name,
            "total_players": sums["total_players"],
            "aggregated": {mean: rounded(sums[mean]) or 0.0 for mean in _MEANS},
            "top_performers": stats[:TOP_PERFORMERS],
            "stats": stats,
        }


def _weighted(column: str) -> Any:
    """Give the mean of a column, each player's as often as he has matches, over those that have it."""
    of_the_known = Sum("matches", filter=Q(**{f"{column}__isnull": False}))
    return Sum(F(column) * F("matches")) / NullIf(Cast(of_the_known, FloatField()), 0.0)
