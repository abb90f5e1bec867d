"""What the tables of analytics hold about people."""

from analytics.models import ActiveMonth, LateHour, Metric, RollUp, Watermark
from faceitbot.core.personal import PersonalTable

TABLES = (
    PersonalTable(Metric, impersonal=("id", "name", "value", "metric_type", "tags", "timestamp", "period")),
    PersonalTable(ActiveMonth, owners=("user",), kept=("zone", "month", "user_id", "days")),
    PersonalTable(RollUp, impersonal=("name", "span", "zone", "start", "key", "value")),
    PersonalTable(Watermark, impersonal=("name", "span", "zone", "until")),
    PersonalTable(LateHour, impersonal=("id", "source", "hour")),
)
