"""How a player's figures move, and two teams side by side."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from faceitbot.core.transactions import query
from faceitbot.core.values import whole
from stats import ratings
from stats.figures import game_name, moment_of, player
from stats.members import member_of
from stats.models import TRACKED, PlayerStatsCache, PlayerStatsPoint
from stats.ratings import Comparison, Trend, form_trend
from stats.repositories.cards import CardMethods

MAX_DAYS = 3650


class PlayerTrends(TypedDict):
    """How a player's figures moved; `latest_stats` are those of the last point, with its moment."""

    player_id: str
    analysis_period_days: int
    data_points: int
    trends: dict[str, Trend]
    form_trend: str
    latest_stats: dict[str, Any]


class ComparingMethods(CardMethods):
    """Over time, and against others."""

    @query
    def analyze_player_trends(
        self, player_id: str, game: str = "cs2", days_back: int = 30, now: datetime | None = None
    ) -> PlayerTrends:
        """Give how a player's level, ELO, win rate, K/D, ADR and rating moved within the last days.

        What was in force when these days began is their first point, of that moment.
        Of each figure that has changed or was confirmed by another change: {first_value, latest_value,
        change, change_percent, direction up/down/stable, slope_per_day}. Fewer than 2 points: empty trends.
        Shape: see `PlayerTrends`; form_trend is good, average, poor or unknown, by the card's recent form.
        Source: `stats.ratings.trends`; the slope is that of least squares.
        """
        wanted, played = player(player_id), game_name(game)
        days, moment = whole("days_back", days_back, 1, MAX_DAYS), moment_of(now)
        rows = PlayerStatsPoint.objects.filter(player_id=wanted, game=played)
        since = moment - timedelta(days=days)
        in_force = rows.filter(at__lte=since).order_by("-at", "-id").values("at", *TRACKED)[:1]
        within = rows.filter(at__gt=since, at__lte=moment).order_by("at", "id").values("at", *TRACKED)
        points = [(row.pop("at"), row) for row in (*in_force, *within)]
        cards = PlayerStatsCache.objects.of_game(played).filter(player_id=wanted)
        form = cards.values_list("recent_form", flat=True).first()
        return {
            "player_id": wanted,
            "analysis_period_days": days,
            "data_points": len(points),
            "trends": ratings.trends((max(at, since), figures) for at, figures in points),
            "form_trend": form_trend(form),
            "latest_stats": {**points[-1][1], "at": points[-1][0].isoformat()} if points else {},
        }

    @query
    def get_points(
        self, player_id: str, game: str = "cs2", days_back: int = 90, now: datetime | None = None
    ) -> list[PlayerStatsPoint]:
        """Give how a player's tracked figures changed within the last days, oldest first."""
        days, moment = whole("days_back", days_back, 1, MAX_DAYS), moment_of(now)
        rows = PlayerStatsPoint.objects.filter(player_id=player(player_id), game=game_name(game))
        return list(rows.filter(at__gt=moment - timedelta(days=days), at__lte=moment).order_by("at", "id"))

    @query
    def compare_teams(
        self,
        team1_ids: Sequence[str],
        team2_ids: Sequence[str],
        game: str = "cs2",
        now: datetime | None = None,
    ) -> Comparison:
        """Give both teams' averages and map strengths, the maps that both know, and who is likely to win.

        Who has no live card does not count; the prediction says of how many ELOs it was made.
        Shape: `stats.ratings.Comparison`, all of it JSON.
        """
        team1, team2 = (self.get_team_stats.blocking(ids, game, now) for ids in (team1_ids, team2_ids))
        return ratings.compare_teams([member_of(card) for card in team1], [member_of(card) for card in team2])
