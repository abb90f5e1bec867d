"""The triggers that note what comes late for sums that have been made."""

from django.db import migrations

from analytics.triggers import watch


class Migration(migrations.Migration):

    dependencies = [
        ("analytics", "0001_metrics_and_roll_ups"),
        ("matches", "0001_analyses"),
        ("subscriptions", "0016_sums_of_money"),
    ]

    operations = [
        watch("user_activity", "hour", "requests"),
        watch("users", "created_at", "created_at", imported=True),
        watch("match_analyses", "analysed_at", "processing_time_ms"),
        watch("payments", "completed_at", "amount"),
        watch("payments", "refunded_at", "amount"),
        watch("metrics", "timestamp", "value"),
    ]
