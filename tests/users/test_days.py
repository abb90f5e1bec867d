"""Sums of days that are over: the same figures, from fewer rows."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from faceitbot.core import clock
from tests.eventually import eventually
from tests.factories import UserFactory
from users import days
from users.models import ActivityDay, UserActivity
from users.repositories import UserRepository

NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 5, 19, 21, tzinfo=UTC)  # of Moscow
repository = UserRepository()


def count(user, *moments, requests=1):
    repository.bulk_update_activity.blocking(
        [{"user_id": user.telegram_id, "timestamp": at, "requests": requests} for at in moments]
    )


def series(first=date(2026, 5, 15), last=date(2026, 5, 20)):
    return repository.get_activity_series.blocking(first, last)


def stored():
    return {row.day: (row.active_users, row.requests) for row in ActivityDay.objects.all()}


@pytest.mark.django_db
def test_sums_change_no_figure_and_stand_for_the_hours():
    one, other = UserFactory.create(), UserFactory.create()
    count(one, NOW, NOW - DAY, NOW - DAY + timedelta(hours=2), MIDNIGHT - timedelta(minutes=1), MIDNIGHT)
    count(other, NOW - DAY, NOW - 3 * DAY, requests=5)
    before = series(), repository.get_activity_totals.blocking(date(2026, 5, 15), NOW)

    assert repository.sum_up_activity.blocking(now=NOW) == 3
    assert repository.sum_up_activity.blocking(now=NOW) == 0
    assert stored() == {date(2026, 5, 17): (1, 5), date(2026, 5, 18): (0, 0), date(2026, 5, 19): (2, 8)}
    assert (series(), repository.get_activity_totals.blocking(date(2026, 5, 15), NOW)) == before

    UserActivity.objects.filter(hour__lt=MIDNIGHT).delete()  # which nobody does; the sums alone are read
    assert series() == before[0]


@pytest.mark.django_db
def test_a_day_is_summed_up_an_hour_after_its_end():
    count(UserFactory.create(), MIDNIGHT - timedelta(hours=3))

    assert repository.sum_up_activity.blocking(now=MIDNIGHT + timedelta(minutes=59)) == 0
    assert repository.sum_up_activity.blocking(now=MIDNIGHT + timedelta(minutes=60)) == 1


@pytest.mark.django_db
def test_what_is_counted_late_is_in_the_sums_too():
    user = UserFactory.create()
    count(user, NOW - DAY, NOW - 2 * DAY)
    repository.sum_up_activity.blocking(now=NOW)

    count(user, NOW - DAY, requests=7)

    assert series()[-2] == {"day": "2026-05-19", "active_users": 1, "requests": 8}
    assert repository.sum_up_activity.blocking(now=NOW) >= 1
    assert stored()[date(2026, 5, 19)] == (1, 8)


@pytest.mark.django_db
def test_another_zone_has_other_days(settings):
    count(UserFactory.create(), MIDNIGHT)
    repository.sum_up_activity.blocking(now=NOW + DAY)
    settings.BOT_TIME_ZONE = "America/New_York"  # where it was the afternoon of the day before

    assert [day["day"] for day in series() if day["active_users"]] == ["2026-05-19"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
def test_a_sum_waits_for_who_counts_of_the_past(monkeypatch, is_protected):
    """The control takes no lock, and keeps a sum that leaves out what was committed later."""
    if not is_protected:
        monkeypatch.setattr(days, "_LOCK", "SELECT 1")
    user, yesterday = UserFactory.create(), clock.now() - DAY
    count(user, yesterday)
    summing_up = threading.Thread(target=lambda: (days.sum_up_days(clock.now()), connection.close()))

    with transaction.atomic():
        count(user, yesterday, requests=9)
        summing_up.start()
        if is_protected:
            eventually(_waits_for_a_lock)
        else:
            summing_up.join()
    summing_up.join()

    day = clock.today(yesterday)
    assert (series(day, day)[0]["requests"] == 10) is is_protected


def _waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0
