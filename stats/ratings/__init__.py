"""Ratings and rules of statistics: pure functions of values, without Django.

None means that a figure is not known, and gives None; percentages are 0 to 100. One idea per module:

arithmetic      ratios, percentages and means that keep what is absent absent
estimating      Rating 1.0 where a body does not tell the multi-kills
rating          Rating 1.0 and 2.0, and the best that some figures allow
played          PlayedMatch, what a player did on one map: the input of what follows
averaging       win rate, K/D, ADR and rating over matches
form            recent form, form trend, streaks
danger          the danger level from 1 to 5
roles           what a player does for his team
clutches        alone against one and two
weapons         shares of sniper, pistol, knife and zeus kills
maps            a player's figures on each map
levels          skill levels and their ELO
card            all of a player's figures from his matches
trend_lines     how figures moved over time
member          Member, a player's figures as part of a team: the input of what follows
prediction      who wins, by ELO
quality         how good predictions were
teams           two teams side by side
advice          whom to fear, whom to seek, which map to play, each with its numbers
"""

from stats.ratings.advice import (
    Advice,
    advise,
    clutchers,
    dangerous_players,
    map_advice,
    snipers,
    streaking,
    weak_targets,
)
from stats.ratings.averaging import (
    Averages,
    average_adr,
    average_rating,
    averages,
    kd_ratio,
    kill_death_ratio,
    win_rate,
)
from stats.ratings.card import Lifetime, MatchHistory, PlayerCard, match_history, player_card
from stats.ratings.clutches import ClutchStats, clutch_stats
from stats.ratings.danger import danger_level
from stats.ratings.estimating import rating_1_0_estimated
from stats.ratings.form import Streaks, form_trend, recent_form, results_text, streaks
from stats.ratings.levels import Elo, elo_or_estimate, elo_range, level_for_elo, middle_of_level
from stats.ratings.maps import MapFigures, map_performance
from stats.ratings.member import Member
from stats.ratings.played import LAST_MATCHES, PlayedMatch, last_matches, newest_first
from stats.ratings.prediction import (
    Prediction,
    TeamElo,
    confidence,
    expected_score,
    predict,
    team_elo,
)
from stats.ratings.quality import Quality, prediction_quality
from stats.ratings.rating import (
    RATING_1_0,
    RATING_1_0_ESTIMATED,
    RATING_2_0,
    UNRATED,
    Rated,
    rate,
    rating_1_0,
    rating_2_0,
    single_kills,
    version_of_mean,
)
from stats.ratings.roles import ROLES, Playstyle, player_role, playstyle
from stats.ratings.teams import (
    Comparison,
    MapComparison,
    MapStrength,
    TeamAverages,
    compare_maps,
    compare_teams,
    distinct_matches,
    map_strengths,
    team_averages,
)
from stats.ratings.trend_lines import Trend, slope_per_day, trend, trends
from stats.ratings.weapons import WeaponShares, weapon_shares

__all__ = [
    "LAST_MATCHES",
    "RATING_1_0",
    "RATING_1_0_ESTIMATED",
    "RATING_2_0",
    "ROLES",
    "UNRATED",
    "Advice",
    "Averages",
    "ClutchStats",
    "Comparison",
    "Elo",
    "Lifetime",
    "MapComparison",
    "MapFigures",
    "MapStrength",
    "MatchHistory",
    "Member",
    "PlayedMatch",
    "PlayerCard",
    "Playstyle",
    "Prediction",
    "Quality",
    "Rated",
    "Streaks",
    "TeamAverages",
    "TeamElo",
    "Trend",
    "WeaponShares",
    "advise",
    "average_adr",
    "average_rating",
    "averages",
    "clutch_stats",
    "clutchers",
    "compare_maps",
    "compare_teams",
    "confidence",
    "danger_level",
    "dangerous_players",
    "distinct_matches",
    "elo_or_estimate",
    "elo_range",
    "expected_score",
    "form_trend",
    "kd_ratio",
    "kill_death_ratio",
    "last_matches",
    "level_for_elo",
    "map_advice",
    "map_performance",
    "map_strengths",
    "match_history",
    "middle_of_level",
    "newest_first",
    "player_card",
    "player_role",
    "playstyle",
    "predict",
    "prediction_quality",
    "rate",
    "rating_1_0",
    "rating_1_0_estimated",
    "rating_2_0",
    "recent_form",
    "results_text",
    "single_kills",
    "slope_per_day",
    "snipers",
    "streaking",
    "streaks",
    "team_averages",
    "team_elo",
    "trend",
    "trends",
    "version_of_mean",
    "weak_targets",
    "weapon_shares",
    "win_rate",
]
