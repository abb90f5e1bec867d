"""Everything that the bot, the admin and the commands do with metrics and figures."""

from analytics.repositories.analytics import AnalyticsRepository

__all__ = ["AnalyticsRepository"]
