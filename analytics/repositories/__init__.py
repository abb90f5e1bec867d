"""Everything that the bot, the admin and the commands do with metrics and figures."""

from analytics.repositories.analytics import AnalyticsRepository
from analytics.repositories.rolling import RollUpRepository

__all__ = ["AnalyticsRepository", "RollUpRepository"]
