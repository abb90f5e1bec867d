"""Any range, read from sums and the rest, is what plain SQL counts, and the past stays what it was."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Q

from analytics.models import ActiveMonth, LateHour, RollUp, Span, Watermark
from analytics.repositories import AnalyticsRepository, RollUpRepository
from analytics.rollups.counts import COUNTS, Declared
from analytics.rollups.durations import percentile
from analytics.rollups.reading import History
from analytics.sources import REGISTRATIONS
from matches.repositories import MatchRepository
from tests.analytics import plain
from tests.analytics.past import FIRST, NOW, forget_past, make_past
from tests.factories import MatchAnalysisFactory, PaymentFactory, UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 4, 14, 21, tzinfo=UTC)  # of Moscow
ZONES = ["Europe/Moscow", "America/New_York", "Asia/Kolkata"]
sums, users = RollUpRepository(), UserRepository()


@pytest.fixture(scope="module", autouse=True)
def _past(django_db_setup, django_db_blocker):
    """Make the past once for the module; its tests are rolled back on top of that."""
    with django_db_blocker.unblock():
        make_past()
    yield
    with django_db_blocker.unblock():
        forget_past()


def stored():
    """Give all that has been summed up."""
    tables = (RollUp, ActiveMonth, Watermark)
    return [sorted(table.objects.values_list(), key=repr) for table in tables]


def values():
    """Give the value of each sum that is not 0."""
    return set(RollUp.objects.exclude(value=0).values_list("pk", "value"))


def paid_at(moment):
    return PaymentFactory.create(
        status="completed", telegram_payment_charge_id=f"of {moment}", completed_at=moment
    )


def ranges(seed, number=20):
    """Give ranges: anywhere, of whole hours, and of whole days; some end after the last row."""
    chance = random.Random(seed)
    for n in range(number):
        start, end = sorted(FIRST - DAY + (NOW - FIRST + 3 * DAY) * chance.random() for _ in range(2))
        if n % 3:
            start, end = (at.replace(minute=0, second=0, microsecond=0) for at in (start, end))
        if n % 3 == 2:
            start, end = start.replace(hour=21), end.replace(hour=21)
        yield start, end


def assert_equals_plain_sql(zone, seed, number=20):
    """Compare every count, in whole and by every span, for some ranges."""
    history = History.read()
    for start, end in ranges(seed, number):
        assert history.parts("revenue", start, end) == plain.revenue_by_plan(start, end)
        for name in COUNTS:
            assert history.total(name, start, end) == plain.total(name, start, end), (name, start, end)
            for span in Span:
                found = history.series(name, start, end, span)
                figures = {begin: value for begin, value in found if value}
                assert figures == plain.series(name, start, end, span.value, zone), (name, span, start, end)


@pytest.mark.proof("roll_ups")
@pytest.mark.parametrize(
    ("zone", "is_summed_up"), [*((zone, True) for zone in ZONES), ("America/New_York", False)]
)
def test_random_ranges_are_what_plain_sql_counts(settings, full_size, zone, is_summed_up):
    settings.BOT_TIME_ZONE = zone
    if is_summed_up:
        sums.update_roll_ups.blocking(now=NOW)
        assert RollUp.objects.count() > 1_000

    assert_equals_plain_sql(zone, seed=zone, number=20 if full_size else 3)


def test_what_is_summed_up_half_way_is_right_too():
    sums.update_roll_ups.blocking(until=NOW - 21 * DAY, now=NOW)

    assert_equals_plain_sql("Europe/Moscow", seed=3, number=2)


def test_sums_alone_are_read_of_what_is_over():
    sums.update_roll_ups.blocking(now=NOW)
    history, start, end = History.read(), MIDNIGHT - 30 * DAY, MIDNIGHT
    before = {name: history.total(name, start, end) for name in COUNTS}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM user_activity; DELETE FROM match_analyses; DELETE FROM metrics")

    assert {name: history.total(name, start, end) for name in COUNTS} == before


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2025, 11, 2), 25),
        ("Europe/Berlin", date(2026, 3, 29), 23),
    ],
)
def test_a_day_of_23_or_25_hours(settings, zone, day, hours):
    settings.BOT_TIME_ZONE = zone
    calendar = History.read().calendar
    begin, end = calendar.midnight(day), calendar.midnight(day + DAY)
    user = UserFactory.create()
    moments = [begin + n * HOUR for n in range(-1, hours + 1)]
    before = History.read().total("requests", begin, end)
    users.bulk_update_activity.blocking([{"user_id": user.telegram_id, "timestamp": at} for at in moments])

    for _is_summed_up in (False, True):
        history = History.read()
        assert len(history.series("requests", begin, end, Span.HOUR)) == hours
        assert history.series("requests", begin, end, Span.DAY) == [(begin, before + hours)]
        assert dict(history.series("requests", begin - 2 * DAY, end + 2 * DAY, Span.DAY))[begin] == (
            before + hours
        )
        sums.update_roll_ups.blocking(now=NOW)


def test_active_users_of_a_past_day_stay_when_they_return():
    user, day = UserFactory.create(), MIDNIGHT - DAY
    users.bulk_update_activity.blocking([{"user_id": user.telegram_id, "timestamp": day + HOUR}])
    sums.update_roll_ups.blocking(now=NOW)
    before = History.read().series("active_users", FIRST, NOW, Span.DAY)

    users.update_last_activity.blocking(user.telegram_id)

    assert History.read().series("active_users", FIRST, NOW, Span.DAY) == before
    sums.update_roll_ups.blocking(now=NOW)
    assert History.read().series("active_users", FIRST, NOW, Span.DAY) == before


def test_summing_up_twice_changes_nothing():
    sums.update_roll_ups.blocking(now=NOW)
    before = stored()

    assert sums.update_roll_ups.blocking(now=NOW).late_hours == 0
    sums.redo_roll_ups.blocking(MIDNIGHT - 3 * DAY, MIDNIGHT)
    sums.redo_roll_ups.blocking(FIRST, NOW, replace=True)

    assert stored() == before


def test_hour_by_hour_comes_to_the_same_as_all_at_once():
    for hours in range(49, -1, -7):
        sums.update_roll_ups.blocking(now=NOW - hours * HOUR)
    step_by_step = stored()
    for table in (RollUp, ActiveMonth, Watermark):
        table.objects.all().delete()

    sums.update_roll_ups.blocking(now=NOW)

    assert [set(a) ^ set(b) for a, b in zip(stored(), step_by_step, strict=True)] == [set()] * 3


def test_what_comes_late_is_in_the_figures_at_once_and_in_the_sums_after_the_next_run():
    user, other = UserFactory.create(), UserFactory.create()
    sums.update_roll_ups.blocking(now=NOW)
    long_ago = MIDNIGHT - 17 * DAY + HOUR / 2

    users.bulk_update_activity.blocking([{"user_id": user.telegram_id, "timestamp": long_ago, "requests": 4}])
    users.bulk_update_activity.blocking([{"user_id": user.telegram_id, "timestamp": long_ago, "requests": 5}])
    paid_at(long_ago)
    MatchAnalysisFactory.create(user=other, analysed_at=long_ago, processing_time_ms=90_000)
    UserFactory.create(created_at=long_ago)

    assert set(LateHour.objects.values_list("source", flat=True)) == {
        "user_activity.hour", "payments.completed_at", "match_analyses.analysed_at", "users.created_at"
    }  # fmt: skip
    assert_equals_plain_sql("Europe/Moscow", seed=4, number=1)
    assert sums.update_roll_ups.blocking(now=NOW).late_hours == 4
    assert not LateHour.objects.exists()
    made_anew = stored()
    assert_equals_plain_sql("Europe/Moscow", seed=5, number=1)
    sums.redo_roll_ups.blocking(FIRST, NOW, replace=True)
    assert stored() == made_anew


def test_the_refund_of_an_old_payment_counts_when_it_went_back():
    payment = paid_at(MIDNIGHT - 17 * DAY)
    sums.update_roll_ups.blocking(now=NOW)
    revenue = History.read().total("revenue", FIRST, NOW)

    payment.status, payment.refunded_at = "refunded", MIDNIGHT - DAY
    payment.save()
    sums.update_roll_ups.blocking(now=NOW)

    assert History.read().total("revenue", FIRST, NOW) == revenue
    assert_equals_plain_sql("Europe/Moscow", seed=6, number=1)


def test_what_is_analysed_again_or_deleted_has_been_analysed_then():
    analysis = MatchAnalysisFactory.create(analysed_at=MIDNIGHT - 10 * DAY, status="finished")
    sums.update_roll_ups.blocking(now=NOW)
    before = History.read().total("analyses", FIRST, MIDNIGHT)

    repository = MatchRepository()
    repository.create_analysis.blocking(analysis.user_id, analysis.match_id, {}, now=NOW - HOUR / 4)
    sums.redo_roll_ups.blocking(FIRST, NOW)

    assert History.read().total("analyses", FIRST, MIDNIGHT) == before
    repository.cleanup_old_analyses.blocking(1, now=NOW)
    sums.redo_roll_ups.blocking(FIRST, NOW)
    assert History.read().total("analyses", FIRST, MIDNIGHT) == before


def test_folding_hours_into_days_changes_no_sum():
    sums.update_roll_ups.blocking(now=NOW)
    before, summed_up = values(), History.read().series("requests", FIRST, NOW, Span.HOUR)

    assert users.fold_old_activity.blocking(10, now=NOW) > 500
    sums.update_roll_ups.blocking(now=NOW)
    sums.redo_roll_ups.blocking(FIRST, NOW)

    assert values() == before
    assert History.read().series("requests", FIRST, NOW, Span.HOUR) == summed_up


def test_another_zone_has_sums_of_its_own_and_what_comes_late_reaches_both(settings):
    user = UserFactory.create()
    sums.update_roll_ups.blocking(now=NOW)
    settings.BOT_TIME_ZONE = "America/New_York"
    assert_equals_plain_sql("America/New_York", seed=7, number=1)
    sums.update_roll_ups.blocking(now=NOW)

    users.bulk_update_activity.blocking([{"user_id": user.telegram_id, "timestamp": MIDNIGHT - 20 * DAY}])
    sums.update_roll_ups.blocking(now=NOW)

    assert_equals_plain_sql("America/New_York", seed=8, number=1)
    settings.BOT_TIME_ZONE = "Europe/Moscow"
    assert_equals_plain_sql("Europe/Moscow", seed=8, number=1)


def test_a_count_that_is_declared_later_has_a_past_too():
    sums.update_roll_ups.blocking(now=NOW)
    before = stored()
    for table in (RollUp, Watermark):
        table.objects.filter(name="renewals").delete()
    assert_equals_plain_sql("Europe/Moscow", seed=9, number=1)

    sums.update_roll_ups.blocking(now=NOW)

    assert stored() == before


def test_a_new_count_is_one_declaration(monkeypatch):
    sums.update_roll_ups.blocking(now=NOW)
    english = Declared("english_users", REGISTRATIONS, Count("pk", filter=Q(language="en")))
    monkeypatch.setitem(COUNTS, english.name, english)
    for at in (MIDNIGHT - DAY, MIDNIGHT - 5 * DAY, NOW - HOUR / 4):
        UserFactory.create(language="en", created_at=at)
    assert History.read().total("english_users", FIRST, NOW) == 3

    sums.update_roll_ups.blocking(now=NOW)

    assert RollUp.objects.filter(name="english_users", span=Span.DAY).count() == 2
    found = History.read().series("english_users", MIDNIGHT - DAY, MIDNIGHT, Span.DAY)
    assert found == [(MIDNIGHT - DAY, 1)]
    assert History.read().total("english_users", FIRST, NOW) == 3


def test_percentiles_out_of_sums_are_within_one_percent():
    sums.update_roll_ups.blocking(now=NOW)

    times = History.read().parts("times", FIRST, NOW)

    for percent in (1, 50, 95, 99, 100):
        assert percentile(times, percent) == pytest.approx(plain.percentile(percent), rel=0.01)


def test_a_fresh_event_counts_at_once():
    history = History.read()
    now = datetime.now(UTC)
    before = history.total("requests", now - HOUR, now + HOUR)
    user = UserFactory.create()

    users.update_last_activity.blocking(user.telegram_id)

    assert history.total("requests", now - 2 * HOUR, now + HOUR) == before + 1


@pytest.mark.parametrize("value", [1e19, -1e300, 0, 2.6])
def test_a_failure_is_one_whatever_its_value_is(value):
    before = History.read().total("errors", FIRST, NOW)
    kind = {"kind": "bug"}
    AnalyticsRepository().record_metric.blocking("request.failed", value, tags=kind, timestamp=NOW - DAY)
    assert History.read().total("errors", FIRST, NOW) == before + 1

    sums.update_roll_ups.blocking(now=NOW)

    assert History.read().total("errors", FIRST, NOW) == plain.total("errors", FIRST, NOW) == before + 1


def test_the_command_says_up_to_when(capsys):
    call_command("update_rollups", "--until", "2026-03-10")
    call_command("update_rollups", "--from", "2026-03-01", "--until", "2026-03-05", "--redo")

    first, second = capsys.readouterr().out.splitlines()
    assert first == "Summed up until 2026-03-11 00:00 MSK; 0 hours made anew."
    assert second == "Summed up until 2026-03-06 00:00 MSK; 0 hours made anew."
