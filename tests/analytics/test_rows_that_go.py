"""Rows are folded and pruned, and come late where others have gone: the past is what has happened."""

import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from analytics.models import ActiveMonth, LateHour, Metric, RollUp, Span, Watermark
from analytics.repositories import AnalyticsRepository, RollUpRepository
from analytics.rollups import late_notes, making, watermarks
from analytics.rollups.reading import History
from tests.factories import UserFactory
from tests.threads import started
from users.models import UserActivity
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 3, 9, 21, tzinfo=UTC)  # of Moscow
NOW = MIDNIGHT + 120 * DAY + 10 * HOUR
sums, users, analytics = RollUpRepository(), UserRepository(), AnalyticsRepository()


def request(user, *counts):
    users.bulk_update_activity.blocking(
        {"user_id": user.telegram_id, "timestamp": moment, "requests": number} for moment, number in counts
    )


def report(name, *moments):
    analytics.record_batch_metrics.blocking(
        {"name": name, "value": 1, "tags": {"kind": "faceit"}, "timestamp": moment} for moment in moments
    )


def by_hour(name, start=MIDNIGHT, hours=24):
    return [value for _hour, value in History.read().series(name, start, start + hours * HOUR, Span.HOUR)]


def total(name):
    """Give a figure of the day, which all ways of reading agree on."""
    history = History.read()
    (_day, by_day), *_others = history.series(name, MIDNIGHT, MIDNIGHT + DAY, Span.DAY)
    assert by_day == history.total(name, MIDNIGHT, MIDNIGHT + DAY) == sum(by_hour(name))
    return by_day


def stored():
    tables = (RollUp, ActiveMonth, Watermark)
    return [sorted(table.objects.values_list(), key=repr) for table in tables]


@pytest.fixture
def folded():
    """Ten requests in each hour of a day that was summed up, and is folded."""
    user = UserFactory.create()
    request(user, *((MIDNIGHT + n * HOUR, 10) for n in range(24)))
    sums.update_roll_ups.blocking(now=NOW)
    assert users.fold_old_activity.blocking(now=NOW) == 23
    return user


@pytest.mark.parametrize("replaced", [False, True])
def test_sums_of_a_folded_day_that_are_made_anew_are_the_same(folded, replaced):
    before = stored()

    sums.redo_roll_ups.blocking(MIDNIGHT, MIDNIGHT + DAY, replace=replaced)

    assert by_hour("requests") == [10] * 24
    assert by_hour("active_users") == [1] * 24
    assert total("requests") == 240
    assert stored() == before


@pytest.mark.parametrize("hour", [0, 5, 23])
def test_what_comes_late_for_a_folded_day_is_added_to_its_hour(folded, hour):
    expected = [10 + 4 * (n == hour) for n in range(24)]

    request(folded, (MIDNIGHT + hour * HOUR, 4))
    assert LateHour.objects.count() == 1
    assert (by_hour("requests"), total("requests")) == (expected, 244)
    assert by_hour("active_users") == [1] * 24
    assert History.read().series("active_users", MIDNIGHT, MIDNIGHT + DAY, Span.DAY)[0][1] == 1

    for _time in range(2):
        sums.update_roll_ups.blocking(now=NOW)
        assert (by_hour("requests"), total("requests")) == (expected, 244)
        users.fold_old_activity.blocking(now=NOW)
        sums.redo_roll_ups.blocking(MIDNIGHT, MIDNIGHT + DAY)
    assert by_hour("active_users") == [1] * 24


def test_what_comes_late_is_folded_before_it_is_summed_up(folded):
    request(folded, (MIDNIGHT + 5 * HOUR, 4), (MIDNIGHT, 1))
    users.fold_old_activity.blocking(now=NOW)

    assert total("requests") == 245
    sums.update_roll_ups.blocking(now=NOW)
    assert total("requests") == 245
    assert by_hour("requests") == [11, 10, 10, 10, 10, 14] + [10] * 18


def test_a_part_of_a_folded_day_has_its_hours_alone(folded):
    begin = MIDNIGHT + HOUR / 3
    request(folded, (MIDNIGHT, 1))

    history = History.read()

    assert history.total("requests", MIDNIGHT, begin) == 11
    assert history.total("requests", begin, MIDNIGHT + 2.5 * HOUR) == 20


def test_hours_that_are_folded_before_they_are_summed_up_are_known():
    user = UserFactory.create()
    request(user, *((MIDNIGHT + n * HOUR, 10) for n in range(24)))
    users.fold_old_activity.blocking(now=NOW)
    assert total("requests") == 240

    sums.update_roll_ups.blocking(now=NOW)

    assert by_hour("requests") == [10] * 24
    assert total("requests") == 240


def test_folded_days_of_one_zone_are_days_of_another_too(settings):
    user = UserFactory.create()
    request(user, *((MIDNIGHT - DAY + n * HOUR, 1 + n) for n in range(72)))
    settings.BOT_TIME_ZONE = "America/New_York"
    sums.update_roll_ups.blocking(now=NOW)
    before = stored()[0]
    settings.BOT_TIME_ZONE = "Europe/Moscow"
    sums.update_roll_ups.blocking(now=NOW)
    users.fold_old_activity.blocking(now=NOW)

    settings.BOT_TIME_ZONE = "America/New_York"
    sums.redo_roll_ups.blocking(MIDNIGHT - 2 * DAY, MIDNIGHT + 3 * DAY)

    values = {row[:-1] for row in before if row[0] == "requests"}
    assert values <= {row[:-1] for row in stored()[0]}


@pytest.mark.parametrize("name", ["events", "errors"])
def test_what_comes_late_for_a_pruned_hour_is_added(name):
    report("request.failed", *[MIDNIGHT + HOUR / 2] * 5)
    report("request.failed", MIDNIGHT + 100 * DAY)
    sums.update_roll_ups.blocking(now=NOW)
    assert analytics.cleanup_old_metrics.blocking(now=NOW) == 5

    report("request.failed", MIDNIGHT + HOUR / 3)

    assert total(name) == 6
    for _time in range(2):
        sums.update_roll_ups.blocking(now=NOW)
        assert total(name) == 6
        assert analytics.cleanup_old_metrics.blocking(now=NOW) == int(_time == 0)
    assert stored_value(name) == 6


def test_what_comes_late_is_pruned_before_it_is_summed_up(monkeypatch):
    monkeypatch.setattr("analytics.repositories.pruning.BATCH", 2)
    report("request.failed", *[MIDNIGHT + HOUR / 2] * 5, MIDNIGHT + 100 * DAY)
    sums.update_roll_ups.blocking(now=NOW)
    report("request.failed", *[MIDNIGHT + HOUR / 3] * 3)

    assert analytics.cleanup_old_metrics.blocking(now=NOW) == 8

    assert total("errors") == 8
    sums.update_roll_ups.blocking(now=NOW)
    assert (total("errors"), stored_value("errors")) == (8, 8)
    sums.redo_roll_ups.blocking(MIDNIGHT, MIDNIGHT + DAY, replace=True)
    assert total("errors") == 0


def stored_value(name):
    return RollUp.objects.get(name=name, span=Span.DAY, start=MIDNIGHT).value


@pytest.mark.parametrize("seed", range(3))
def test_in_any_order_the_past_is_what_has_happened(seed):
    chance, user = random.Random(seed), UserFactory.create()
    happened: dict[str, Counter[datetime]] = {"requests": Counter(), "errors": Counter()}
    UserFactory.create(created_at=MIDNIGHT)

    def happen():
        hour = MIDNIGHT + chance.randrange(48) * HOUR
        request(user, (hour, 3))
        happened["requests"][hour] += 3
        report("request.failed", hour, hour)
        happened["errors"][hour] += 2

    def fold():
        users.fold_old_activity.blocking(now=MIDNIGHT + chance.choice([91, 92, 120]) * DAY)

    steps = [
        happen,
        happen,
        fold,
        lambda: analytics.cleanup_old_metrics.blocking(now=NOW),
        lambda: sums.update_roll_ups.blocking(until=MIDNIGHT + chance.randrange(60) * HOUR, now=NOW),
        lambda: sums.redo_roll_ups.blocking(MIDNIGHT, MIDNIGHT + chance.randrange(48) * HOUR),
    ]
    sums.update_roll_ups.blocking(until=MIDNIGHT + 30 * HOUR, now=NOW)
    for _step in range(40):
        chance.choice(steps)()

    sums.update_roll_ups.blocking(now=NOW)

    for name, hours in happened.items():
        assert by_hour(name, hours=48) == [hours[MIDNIGHT + n * HOUR] for n in range(48)]
        whole = History.read().total(name, MIDNIGHT, MIDNIGHT + 2 * DAY)
        assert whole == sum(hours.values()) > 0
    before = stored()
    sums.redo_roll_ups.blocking(MIDNIGHT, NOW)
    assert stored() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
def test_nothing_is_folded_while_sums_are_made(monkeypatch, is_protected):
    """The control lets rows go after they have been read, and counts them a second time as gone."""
    if not is_protected:
        monkeypatch.setattr(watermarks, "_ROWS_GO", "SELECT 1")
    user = UserFactory.create()
    request(user, (MIDNIGHT, 10), (MIDNIGHT + 5 * HOUR, 10))
    sums.update_roll_ups.blocking(now=NOW)
    write = making._write  # what is called between reading and writing
    folding: list[threading.Thread] = []

    def fold():
        users.fold_old_activity.blocking(now=NOW)

    def write_while_somebody_folds(count, *args):
        if count.name == "requests" and not folding:
            folding.append(started(fold))
            folding[0].join(timeout=2 if is_protected else 20)
            assert folding[0].is_alive() is is_protected
        write(count, *args)

    monkeypatch.setattr(making, "_write", write_while_somebody_folds)
    request(user, (MIDNIGHT + 5 * HOUR, 1))
    assert late_notes.late_hours() == {"user_activity.hour": 1}

    sums.update_roll_ups.blocking(now=NOW)
    folding[0].join()

    assert UserActivity.objects.count() == 1
    found = by_hour("requests")
    assert (found[0], found[5]) == ((10, 11) if is_protected else (10, 22))
    assert not Metric.objects.exists()
