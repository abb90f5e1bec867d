"""Players of FACEIT: cards, matches, changes of figures, predictions."""

from stats.models.cards import PlayerMapStats, PlayerStatsCache
from stats.models.matches import PlayerMatch
from stats.models.points import TRACKED, PlayerStatsPoint
from stats.models.predictions import Prediction, Side

__all__ = [
    "TRACKED",
    "PlayerMapStats",
    "PlayerMatch",
    "PlayerStatsCache",
    "PlayerStatsPoint",
    "Prediction",
    "Side",
]
