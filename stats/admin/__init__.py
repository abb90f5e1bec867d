"""The staff's pages about players: to look at, for FACEIT and the bot alone write what they show."""

from stats.admin.matches import PlayerMatchAdmin
from stats.admin.players import PlayerAdmin
from stats.admin.points import PointAdmin
from stats.admin.predictions import PredictionAdmin

__all__ = ["PlayerAdmin", "PlayerMatchAdmin", "PointAdmin", "PredictionAdmin"]
