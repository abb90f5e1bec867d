"""Every figure of every dict about a week that was reckoned by hand, whether or not anything is summed up."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.repositories import RollUpRepository
from faceitbot.core.errors import InvalidInput
from tests.analytics.week import MONDAY, NOW, analytics, at, live_the_week, sum_up

pytestmark = pytest.mark.django_db
BEGINNING_OF_TIME, END_OF_TIME = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
LONG_AGO = MONDAY - timedelta(days=700)
PERIOD = {"start": "2026-06-14T21:00:00+00:00", "end": "2026-06-21T20:30:00+00:00"}
DAYS = [f"2026-06-{day}T00:00:00+03:00" for day in range(15, 22)]
SUNDAY = [f"2026-06-21T{hour:02}:00:00+03:00" for hour in range(24)]


def series(buckets, values):
    return [{"bucket": bucket, "value": value} for bucket, value in zip(buckets, values, strict=True)]


def hours_of_week():
    hours = [[1] * 24 for _day in range(7)]  # user 1, who never sleeps
    for day in range(7):
        hours[day][12] += 2  # whoever came that day
    hours[0][10] += 3
    hours[6][10] += 3
    hours[6][22] += 4
    return hours


# What is asked, and the answer.
BY_HAND = {
    "activity by day": (
        lambda: analytics.get_user_activity_metrics.blocking(MONDAY, NOW),
        {
            "active_users": series(DAYS, [3, 2, 2, 2, 2, 2, 3]),
            "new_users": series(DAYS, [1, 1, 1, 1, 1, 1, 1]),
            "requests": series(DAYS, [29, 26, 26, 26, 26, 26, 33]),
            "granularity": "daily",
            "period": PERIOD,
        },
    ),
    "activity by week": (
        lambda: analytics.get_user_activity_metrics.blocking(MONDAY, NOW, "weekly"),
        {
            "active_users": series(DAYS[:1], [9]),
            "new_users": series(DAYS[:1], [7]),
            "requests": series(DAYS[:1], [192]),
            "granularity": "weekly",
            "period": PERIOD,
        },
    ),
    "activity by month": (
        lambda: analytics.get_user_activity_metrics.blocking(at(1), NOW, "monthly"),
        {
            "active_users": series(["2026-06-01T00:00:00+03:00"], [11]),
            "new_users": series(["2026-06-01T00:00:00+03:00"], [12]),
            "requests": series(["2026-06-01T00:00:00+03:00"], [239]),
            "granularity": "monthly",
            "period": {"start": "2026-05-31T21:00:00+00:00", "end": PERIOD["end"]},
        },
    ),
    "activity by hour": (
        lambda: analytics.get_user_activity_metrics.blocking(at(21, 9), at(21, 10), "hourly"),
        {
            "active_users": series(SUNDAY[9:10], [1]),
            "new_users": series(SUNDAY[9:10], [1]),
            "requests": series(SUNDAY[9:10], [1]),
            "granularity": "hourly",
            "period": {"start": "2026-06-21T06:00:00+00:00", "end": "2026-06-21T07:00:00+00:00"},
        },
    ),
    "engagement": (
        lambda: analytics.get_user_engagement_stats.blocking(now=NOW),
        {
            # Sunday: 1, 2, 11; the week: those, 5 to 10; the month: 3 and 4, too. Of 1, 2, 3, 4 two stayed.
            "active_users": {
                "daily": 3,
                "weekly": 9,
                "monthly": 11,
                "retention_rate": 50.0,
                "stickiness": 27.27,
            },
            # 173 + 7 + 40 + 1 + 0 + 6 * 2 + 6 = 239 requests of twelve users
            "engagement": {
                "average_requests_per_user": 19.92,
                "lifecycle_distribution": {
                    "inactive": 1,
                    "new": 7,
                    "engaged": 2,
                    "active": 1,
                    "power_user": 1,
                },
            },
            "integration": {"total_users": 12, "linked_users": 8, "link_rate": 66.67},
        },
    ),
    "performance": (
        lambda: analytics.get_performance_metrics.blocking(24, now=NOW),
        {
            # 10, 11, ... 33 ms: the 12th, the 23rd and the 24th of them
            "processing_times": {
                "average_ms": 21.5,
                "median_ms": 21.0,
                "p95_ms": 32.0,
                "p99_ms": 33.0,
                "max_ms": 33,
            },
            "cache_performance": {"total_requests": 24, "cache_hits": 6, "hit_rate": 25.0},
            "reliability": {"total_requests": 33, "failed_requests": 3, "error_rate": 8.33},
            "volume": series(["2026-06-20T23:00:00+03:00", *SUNDAY], [0, *[1] * 24]),
            "period_hours": 24,
        },
    ),
    "revenue": (
        lambda: analytics.get_revenue_analytics.blocking(MONDAY, NOW),
        {
            "revenue": {
                "total": 6193,
                "refunded": 498,
                "net": 5695,
                "tier_breakdown": {"premium": 2596, "pro": 3597},
                "daily_data": series(DAYS, [199, 199, 1999, 299, 199, 2999, 299]),
            },
            "conversions": {"total_users": 12, "paid_users": 7, "conversion_rate": 58.33},
            "period": PERIOD,
        },
    ),
    "revenue by tier": (
        lambda: analytics.get_revenue_by_tier.blocking(MONDAY, NOW),
        {
            "tiers": {
                "premium": {
                    "revenue": 2596,
                    "payments": 4,
                    "average_payment": 649.0,
                    "refunded": 199,
                    "refunded_payments": 1,
                    "net": 2397,
                    "durations": {"monthly": 597, "yearly": 1999},
                },
                "pro": {
                    "revenue": 3597,
                    "payments": 3,
                    "average_payment": 1199.0,
                    "refunded": 299,
                    "refunded_payments": 1,
                    "net": 3298,
                    "durations": {"monthly": 598, "yearly": 2999},
                },
            },
            "period": PERIOD,
        },
    ),
    "churn": (
        lambda: analytics.get_churn.blocking(MONDAY, NOW, now=NOW),
        {
            "due": 3,
            "renewed": 1,
            "churned": 1,
            "undecided": 1,
            "renewal_rate": 50.0,
            "churn_rate": 50.0,
            "renewals": 1,
            "period": PERIOD,
        },
    ),
    "usage": (
        lambda: analytics.get_usage_patterns.blocking(7, now=NOW),
        {
            "hours_of_week": hours_of_week(),
            "busiest": {"weekday": 6, "hour": 22, "requests": 5},
            "features": {"match.analysed": 5},  # the failures are none
            "tiers": {
                "free": {"users": 7, "share": 77.78},
                "premium": {"users": 1, "share": 11.11},
                "pro": {"users": 1, "share": 11.11},
            },
            "period": PERIOD,
        },
    ),
    "referrals": (
        lambda: analytics.get_referral_performance.blocking(MONDAY, NOW),
        {
            "referrals": 4,
            "voided": 1,
            "referrers": 2,
            "paying": 3,
            "conversion_rate": 75.0,
            "days_given": {"referrers": 120, "referred": 28},
            "top_referrers": [
                {"user_id": 1, "nickname": "nick1", "referrals": 3, "paying": 2},
                {"user_id": 2, "nickname": "nick2", "referrals": 1, "paying": 1},
            ],
            "period": PERIOD,
        },
    ),
    "cohorts": (
        lambda: analytics.get_retention_cohorts.blocking(2, now=NOW),
        {
            "weeks": 2,
            "cohorts": [
                {"week": "2026-06-08", "users": 5, "active": [4, 2], "retention": [80.0, 40.0]},
                {"week": "2026-06-15", "users": 7, "active": [7], "retention": [100.0]},
            ],
        },
    ),
    "funnel": (
        lambda: analytics.get_funnel.blocking(MONDAY, NOW),
        {
            # 5 to 11; 5, 6, 7, 10; 5, 6, 10; 5, 6
            "steps": [
                {"step": "registered", "users": 7, "share": 100.0, "rate": 100.0},
                {"step": "linked", "users": 4, "share": 57.14, "rate": 57.14},
                {"step": "first_analysis", "users": 3, "share": 42.86, "rate": 75.0},
                {"step": "paying", "users": 2, "share": 28.57, "rate": 66.67},
            ],
            "period": PERIOD,
        },
    ),
    "a day": (
        lambda: analytics.aggregate_daily_metrics.blocking(date(2026, 6, 21), now=NOW),
        {
            "date": "2026-06-21",
            "daily_active_users": 3,
            "new_users": 1,
            "total_requests": 33,
            "analyses": 24,
            "revenue": 299,
            "refunds": 299,
            "errors": 3,
        },
    ),
    "dashboard": (
        lambda: analytics.get_realtime_dashboard.blocking(now=NOW),
        {
            "users": {"active_now": 1, "new_today": 1},
            # One request since 23:00, and half of the five before that, rounded to 2.
            "activity": {"requests_last_hour": 3, "revenue_today": 299},
            "health": {
                "error_rate": 40.0,
                "errors_last_hour": 2,
                "database": "ok",
                "redis": "ok",
                "rollup_lag_seconds": 1_800,
            },
            "timestamp": "2026-06-21T20:30:00+00:00",
        },
    ),
}


def leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def shape(value):
    """Give the keys of a dict and of those within; of lists, and dicts whose keys are data, that they are."""
    if isinstance(value, dict):
        return {key: ... if key in ("features", "durations") else shape(part) for key, part in value.items()}
    return ...


def test_no_figure_is_one_that_an_empty_table_would_give():
    for name, (_ask, answer) in BY_HAND.items():
        # Of Saturday's last hour only the second half lies within.
        expected = [0] if name == "performance" else []
        assert [leaf for leaf in leaves(answer) if leaf in (0, None)] == expected, name


@pytest.mark.parametrize("summed_up", ["all of it", "the week before", "half of it", "nothing"])
def test_the_figures_are_those_that_were_reckoned_by_hand(summed_up):
    live_the_week()
    until = {"all of it": NOW, "the week before": MONDAY, "half of it": at(18, 13)}.get(summed_up)
    if until:
        sum_up(until)

    for name, (ask, answer) in BY_HAND.items():
        found = json.loads(json.dumps(ask()))
        if name == "dashboard" and summed_up != "all of it":
            lag = found["health"].pop("rollup_lag_seconds")
            assert (lag is None) == (until is None)
            found["health"]["rollup_lag_seconds"] = 1_800
        assert found == answer, name


@pytest.mark.parametrize("summed_up", [True, False])
def test_the_performance_of_an_hour_is_that_of_sixty_minutes(summed_up):
    live_the_week()
    if summed_up:
        sum_up(NOW)

    found = analytics.get_performance_metrics.blocking(1, now=at(21, 23, 5))

    assert found["processing_times"]["max_ms"] == 32  # at 22:10
    assert found["cache_performance"]["total_requests"] == 1
    # 55 minutes of the 5 requests from 22:00 on, and the one since 23:00
    assert found["reliability"] == {"total_requests": 6, "failed_requests": 0, "error_rate": 0.0}
    assert found["volume"] == series(SUNDAY[22:], [1, 0])


@pytest.mark.parametrize("summed_up", [True, False])
def test_the_tiers_of_the_past_are_of_those_who_were_active_then(summed_up):
    live_the_week()
    if summed_up:
        sum_up(NOW)
    analytics.record_metric.blocking("metric.lost", 4, timestamp=at(13, 12))

    # From Monday to Saturday of the week before: 1 is premium, 2 pro, 3 and 4 are free; 5 to 11 came later.
    found = analytics.get_usage_patterns.blocking(6, now=at(13, 23, 30))

    assert {tier: each["users"] for tier, each in found["tiers"].items()} == {
        "free": 2,
        "premium": 1,
        "pro": 1,
    }
    assert found["features"] == {}


def test_late_rows_are_seen_before_and_after_they_are_summed_up():
    live_the_week()
    sum_up(NOW)
    analytics.record_batch_metrics.blocking(
        [{"name": "request.failed", "value": 1, "tags": {"kind": "faceit"}, "timestamp": at(21, 3)}]
    )

    errors = [analytics.aggregate_daily_metrics.blocking(date(2026, 6, 21), now=NOW)["errors"]]
    sum_up(NOW + timedelta(minutes=1))
    errors.append(analytics.aggregate_daily_metrics.blocking(date(2026, 6, 21), now=NOW)["errors"])

    assert errors == [4, 4]


def test_what_is_summed_up_outlives_its_metrics_and_what_is_not_is_not_pruned():
    live_the_week()
    sum_up(at(21, 23))
    later = NOW + timedelta(days=100)

    pruned = [analytics.cleanup_old_metrics.blocking(now=later)]
    errors = [analytics.aggregate_daily_metrics.blocking(date(2026, 6, 21), now=NOW)["errors"]]
    sum_up(NOW + timedelta(days=1))
    pruned.append(analytics.cleanup_old_metrics.blocking(now=later))
    errors.append(analytics.aggregate_daily_metrics.blocking(date(2026, 6, 21), now=later)["errors"])

    # Sunday was not over: its hours were summed up to 22:00, its day not at all.
    assert pruned == [5, 3]
    assert errors == [3, 3]


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: analytics.get_user_activity_metrics.blocking(granularity="yearly"), "granularity"),
        (lambda: analytics.get_user_activity_metrics.blocking(granularity=None), "granularity"),
        (lambda: analytics.get_user_activity_metrics.blocking(NOW, MONDAY), "end_date"),
        (lambda: analytics.get_user_activity_metrics.blocking(LONG_AGO, NOW, "hourly"), "granularity"),
        (lambda: analytics.get_revenue_analytics.blocking(MONDAY.replace(tzinfo=None)), "start_date"),
        (lambda: analytics.get_revenue_by_tier.blocking(None, "2026-06-15"), "end_date"),
        (lambda: analytics.get_churn.blocking(MONDAY - timedelta(days=5_000), NOW), "end_date"),
        (lambda: analytics.get_funnel.blocking(NOW, MONDAY), "end_date"),
        (lambda: analytics.get_referral_performance.blocking(limit=0), "limit"),
        (lambda: analytics.get_performance_metrics.blocking(0), "hours"),
        (lambda: analytics.get_retention_cohorts.blocking(105), "weeks"),
        (lambda: analytics.get_usage_patterns.blocking(True), "days"),
        (lambda: analytics.aggregate_daily_metrics.blocking(NOW), "date"),
        (lambda: analytics.aggregate_daily_metrics.blocking("2026-06-15"), "date"),
        (lambda: analytics.aggregate_daily_metrics.blocking(date.max), "date"),
        (lambda: analytics.aggregate_daily_metrics.blocking(date.min), "date"),
        (lambda: analytics.get_revenue_analytics.blocking(None, END_OF_TIME), "end_date"),
        (lambda: analytics.get_funnel.blocking(BEGINNING_OF_TIME), "start_date"),
        (lambda: analytics.get_user_engagement_stats.blocking(now=END_OF_TIME), "now"),
        (lambda: analytics.get_retention_cohorts.blocking(now=BEGINNING_OF_TIME), "now"),
        (lambda: analytics.cleanup_old_metrics.blocking(now=BEGINNING_OF_TIME), "now"),
        (lambda: RollUpRepository().update_roll_ups.blocking(until=END_OF_TIME), "until"),
        (lambda: RollUpRepository().redo_roll_ups.blocking(NOW, END_OF_TIME), "end"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(call, field):
    with pytest.raises(InvalidInput) as caught:
        call()

    assert caught.value.context["field"] == field


def test_an_empty_database_gives_the_same_keys():
    for name, (ask, answer) in BY_HAND.items():
        found = json.loads(json.dumps(ask()))

        assert shape(found) == shape(answer), name
