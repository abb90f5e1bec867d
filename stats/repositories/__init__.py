"""Statistics of FACEIT's players, as the bot, the admin and the commands use them."""

from stats.repositories.stats import StatsRepository

__all__ = ["StatsRepository"]
