"""The usage that bot developers were promised, call by call."""

import json

import pytest

from analytics.repositories import AnalyticsRepository


@pytest.mark.django_db(transaction=True)
async def test_record_a_metric_and_look_at_the_dashboard():
    analytics_repo = AnalyticsRepository()

    # Record metric
    await analytics_repo.record_metric("match_analysis_completed", value=1.0, tags={"user_tier": "premium"})

    # Get dashboard data
    dashboard = await analytics_repo.get_realtime_dashboard()

    assert set(json.loads(json.dumps(dashboard))) == {"users", "activity", "health", "timestamp"}
    patterns = await analytics_repo.get_usage_patterns()
    assert patterns["features"] == {"match_analysis_completed": 1}
