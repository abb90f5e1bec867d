"""The figures of this moment, beside those of the same hour a week ago: every row is known."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics.repositories import AnalyticsRepository, RollUpRepository
from faceitbot.core.errors import InvalidInput
from tests.factories import MatchAnalysisFactory, OrderFactory, PaymentFactory, UserFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 22, 10, 30, tzinfo=UTC)  # a Monday, half past one in Moscow
A_WEEK = timedelta(days=7)
analytics, users = AnalyticsRepository(), UserRepository()


def at(hour, minute=0, *, before=timedelta()):
    return NOW.replace(hour=hour, minute=minute) - before


def ask(*requests):
    """Let users make requests: (user, moment, how many)."""
    users.bulk_update_activity.blocking(
        [
            {"user_id": user.telegram_id, "timestamp": moment, "requests": number}
            for user, moment, number in requests
        ]
    )


def earn(stars, moment, refunded_at=None):
    order = OrderFactory.create(stars=stars, list_stars=stars)
    PaymentFactory.create(
        order=order,
        status="refunded" if refunded_at else "completed",
        telegram_payment_charge_id=f"charge-{moment:%d%H%M}",
        completed_at=moment,
        refunded_at=refunded_at,
    )


@pytest.fixture(params=["raw", "summed up"])
def hours(request):
    """Two hours of this week and of the last; read from the rows, and from sums."""
    one, two, three = UserFactory.create_batch(3)
    ask(
        (one, at(9, 5, before=A_WEEK), 12),
        (two, at(9, 50, before=A_WEEK), 8),
        (one, at(10, 40, before=A_WEEK), 10),
        (one, at(9, 2), 20),
        (three, at(9, 10), 4),
        (two, at(9, 40), 16),
        (one, at(10, 28), 30),
    )
    for moment, milliseconds, stored in (
        (at(9, 20), 9_000, False),  # not within the hour
        (at(9, 45), 1_000, True),
        (at(10, 5), 3_000, False),
        (at(10, 0, before=A_WEEK), 2_000, True),
        (at(10, 40, before=A_WEEK), 9_000, True),  # later than now
    ):
        MatchAnalysisFactory.create(
            user=one, processing_time_ms=milliseconds, cached_data_used=stored, analysed_at=moment
        )
    analytics.record_batch_metrics.blocking(
        {"name": "request.failed", "value": 1, "tags": {"kind": "faceit"}, "timestamp": moment}
        for moment in (at(9, 20), at(9, 31), at(10, 29), at(10, 0, before=A_WEEK))
    )
    earn(149, at(21, 30, before=timedelta(days=1)))  # half past midnight in Moscow
    earn(99, at(20, 30, before=timedelta(days=1)))  # yesterday
    earn(199, at(9), refunded_at=at(10))
    earn(299, at(9, before=A_WEEK))
    earn(999, at(11, before=A_WEEK))
    if request.param == "summed up":
        RollUpRepository().update_roll_ups.blocking(now=NOW)
    return one, two, three


def test_figures_of_the_last_hour_and_of_today(hours):
    found = analytics.get_live_figures.blocking(now=NOW)

    assert found == {
        "active_now": 1,
        "active_users": 2,
        "requests": 30 + 20,  # half of the 40 that came between nine and ten
        "revenue_today": 149 + 199,
        "errors": 2,
        "p95_ms": pytest.approx(3_000, rel=0.01),
        "hit_rate": 50.0,
        "timestamp": NOW.isoformat(),
    }


def test_the_same_hour_a_week_ago(hours):
    found = analytics.get_live_figures_a_week_before.blocking(now=NOW)

    assert found == {
        "active_users": 2,  # half of two, and half of one
        "requests": 15,
        "revenue_today": 299,
        "errors": 1,
        "p95_ms": pytest.approx(2_000, rel=0.01),
        "hit_rate": 100.0,
        "timestamp": (NOW - A_WEEK).isoformat(),
    }


def test_the_same_time_of_day_a_week_ago_is_that_of_the_clock_on_the_wall(settings):
    settings.BOT_TIME_ZONE = "Europe/Berlin"
    after_the_change = datetime(2026, 10, 26, 11, 15, tzinfo=UTC)  # a quarter past noon, in winter

    found = analytics.get_live_figures_a_week_before.blocking(now=after_the_change)

    assert found["timestamp"] == datetime(2026, 10, 19, 10, 15, tzinfo=UTC).isoformat()


def test_series_go_back_by_hours_and_days(hours):
    found = analytics.get_live_series.blocking(hours=2, days=2, now=NOW)

    def values(name):
        return [each["value"] for each in found[name]]

    assert [each["bucket"][11:16] for each in found["requests"]] == ["11:00", "12:00", "13:00"]
    assert values("requests") == [0, 40, 30]
    assert values("errors") == [0, 2, 1]
    times = {
        each["bucket"][11:16]: (each["value"], other["value"])
        for each, other in zip(found["p50_ms"], found["p95_ms"], strict=True)
    }
    assert list(times)[0::5] == ["11:00", "11:50", "12:40", "13:30"]
    assert {at: both for at, both in times.items() if both != (None, None)} == {
        at: (pytest.approx(milliseconds, rel=0.01),) * 2
        for at, milliseconds in {"12:20": 9_000, "12:40": 1_000, "13:00": 3_000}.items()
    }
    assert values("active_users") == [0, 3]
    assert values("revenue") == [99, 149]  # the 199 went back


def test_of_many_analyses_in_ten_minutes_the_times_are_told_apart():
    for second in range(20):
        MatchAnalysisFactory.create(
            processing_time_ms=100 * (second + 1), analysed_at=NOW - timedelta(seconds=1 + second)
        )
    MatchAnalysisFactory.create(processing_time_ms=None, analysed_at=NOW)

    found = analytics.get_live_series.blocking(hours=1, now=NOW)

    p50, p95 = (found[name][-2] for name in ("p50_ms", "p95_ms"))
    assert p50["bucket"] == p95["bucket"] == "2026-06-22T13:20:00+03:00"
    assert (p50["value"], p95["value"]) == (pytest.approx(1_000, rel=0.01), pytest.approx(1_900, rel=0.01))
    assert found["p95_ms"][-1]["value"] is None


def test_without_any_row_there_are_noughts():
    found = analytics.get_live_figures.blocking(now=NOW)

    assert {name: value for name, value in found.items() if value} == {"timestamp": NOW.isoformat()}
    assert (found["p95_ms"], found["hit_rate"], found["requests"]) == (None, None, 0)


def test_erased_users_are_not_active(hours):
    User.objects.filter(pk=hours[0].pk).update(
        erased_at=NOW, telegram_id=None, faceit_player_id=None, faceit_nickname=None
    )

    assert analytics.get_live_figures.blocking(now=NOW)["active_now"] == 0


@pytest.mark.parametrize("wrong", [{"hours": 0}, {"hours": 49}, {"days": 0}, {"days": 367}])
def test_series_have_bounds(wrong):
    with pytest.raises(InvalidInput):
        analytics.get_live_series.blocking(**wrong)
