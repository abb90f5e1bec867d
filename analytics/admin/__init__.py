"""Pages of what the bot has reported."""

from analytics.admin.metrics import MetricAdmin

__all__ = ["MetricAdmin"]
