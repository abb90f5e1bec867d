"""Business events, and sums over hours and days that are over."""

from analytics.models.metrics import Metric, MetricType
from analytics.models.rollups import ActiveMonth, LateHour, RollUp, Span, Watermark

__all__ = ["ActiveMonth", "LateHour", "Metric", "MetricType", "RollUp", "Span", "Watermark"]
