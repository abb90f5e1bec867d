"""Another `BOT_TIME_ZONE`: its days are right also where rows have been pruned or folded."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.models import RollUp, Span
from analytics.repositories import AnalyticsRepository, RollUpRepository
from analytics.rollups import running
from analytics.rollups.reading import History
from matches.models import MatchAnalysis
from tests.factories import MatchAnalysisFactory, UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 3, 1, 21, tzinfo=UTC)  # of Moscow; the clocks of New York go forward a week later
HOURS = 20 * 24
NOW = MIDNIGHT + 150 * DAY
sums, users, analytics = RollUpRepository(), UserRepository(), AnalyticsRepository()


@pytest.fixture
def gone():
    """Give the hours of twenty days, of which the rows are pruned and folded."""
    user = UserFactory.create(created_at=MIDNIGHT)
    moments = [MIDNIGHT + n * HOUR for n in range(HOURS)]
    users.bulk_update_activity.blocking(
        {"user_id": user.telegram_id, "timestamp": moment, "requests": 2} for moment in moments
    )
    analytics.record_batch_metrics.blocking(
        {"name": "request.failed", "value": 1, "timestamp": moment}
        for moment in [*moments, MIDNIGHT + 100 * DAY]
    )
    for n in range(0, HOURS, 10):
        MatchAnalysisFactory.create(user=user, analysed_at=moments[n], processing_time_ms=100 + n)
    sums.update_roll_ups.blocking(now=NOW)
    assert users.fold_old_activity.blocking(now=NOW) > HOURS / 2
    assert analytics.cleanup_old_metrics.blocking(now=NOW) == HOURS
    MatchAnalysis.objects.all().delete()
    return moments


def by_day(name):
    found = History.read().series(name, MIDNIGHT - DAY, MIDNIGHT + 22 * DAY, Span.DAY)
    return {day.date(): value for day, value in found if value}


def days_of(moments, zone, amount):
    days: dict[date, int] = {}
    for n, moment in enumerate(moments):
        day = moment.astimezone(ZoneInfo(zone)).date()
        days[day] = days.get(day, 0) + amount(n)
    return {day: value for day, value in days.items() if value}


@pytest.mark.parametrize("steps", [1, 31])
def test_the_days_of_another_zone_begin_with_the_hours(settings, monkeypatch, gone, steps):
    monkeypatch.setitem(running.AT_ONCE, Span.DAY, steps)
    settings.BOT_TIME_ZONE = "America/New_York"
    expected = {
        "requests": days_of(gone, "America/New_York", lambda n: 2),
        "errors": days_of(gone, "America/New_York", lambda n: 1),
        "analyses": days_of(gone, "America/New_York", lambda n: n % 10 == 0),
    }
    assert {name: by_day(name) for name in expected} == expected  # of hours

    sums.update_roll_ups.blocking(now=NOW)

    assert {name: by_day(name) for name in expected} == expected
    assert History.read().total("times_max", MIDNIGHT, NOW) == 100 + HOURS - 10
    days = RollUp.objects.filter(span=Span.DAY, zone="America/New_York")
    assert days.filter(name="errors", gone__gt=0).count() == len(expected["errors"])
    before = list(days.order_by("pk").values_list())
    sums.redo_roll_ups.blocking(MIDNIGHT - DAY, NOW)
    assert list(days.order_by("pk").values_list()) == before

    late = gone[HOURS // 2]
    analytics.record_metric.blocking("request.failed", 1, timestamp=late)
    users.bulk_update_activity.blocking(
        [{"user_id": users.get_all.blocking()[0].telegram_id, "timestamp": late}]
    )
    for name in ("errors", "requests"):
        expected[name][late.astimezone(ZoneInfo("America/New_York")).date()] += 1
    for _time in range(2):
        assert {name: by_day(name) for name in expected} == expected
        sums.update_roll_ups.blocking(now=NOW)


def test_a_zone_that_is_half_an_hour_off_has_all_that_is_gone(settings, gone):
    settings.BOT_TIME_ZONE = "Asia/Kolkata"

    sums.update_roll_ups.blocking(now=NOW)

    assert by_day("errors") == days_of(gone, "Asia/Kolkata", lambda n: 1)
    assert sum(by_day("requests").values()) == 2 * HOURS
    before = list(RollUp.objects.order_by("pk").values_list())
    sums.redo_roll_ups.blocking(MIDNIGHT - DAY, NOW)
    assert list(RollUp.objects.order_by("pk").values_list()) == before


def test_a_zone_that_comes_back_has_the_days_that_it_was_away(settings, gone):
    settings.BOT_TIME_ZONE = "America/New_York"
    later = NOW + 10 * DAY
    MatchAnalysisFactory.create(analysed_at=NOW + DAY + HOUR / 2)
    sums.update_roll_ups.blocking(now=later)
    MatchAnalysis.objects.all().delete()

    settings.BOT_TIME_ZONE = "Europe/Moscow"
    assert History.read().total("analyses", NOW, later) == 1
    sums.update_roll_ups.blocking(now=later)

    assert History.read().total("analyses", NOW, later) == 1
    assert by_day("errors") == days_of(gone, "Europe/Moscow", lambda n: 1)
