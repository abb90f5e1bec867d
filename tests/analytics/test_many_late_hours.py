"""Twenty thousand users come with an import, each in an hour of three years that was summed up."""

import random
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest

from analytics.models import LateHour, Span
from analytics.repositories import RollUpRepository
from analytics.rollups.reading import History
from tests.analytics import plain
from tests.factories import UserFactory
from users.models import User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
START = NOW - timedelta(days=3 * 365)
SECONDS = 2.0  # for a figure; one condition for each late hour took minutes
sums = RollUpRepository()


@pytest.mark.proof("many_late_hours")
def test_figures_are_read_at_once_while_many_hours_are_late(full_size, report):
    chance = random.Random(1)
    UserFactory.create(created_at=START)
    sums.update_roll_ups.blocking(now=NOW)
    number = 20_000 if full_size else 4_000
    User.objects.bulk_create(
        User(telegram_id=100 + n, created_at=START + (NOW - START) * chance.random()) for n in range(number)
    )
    assert LateHour.objects.count() > number / 2

    took = []
    for span in (Span.DAY, Span.HOUR, Span.MONTH):
        begun = perf_counter()
        found = History.read().series("new_users", START, NOW, span)
        took.append(perf_counter() - begun)
        figures = {begin: value for begin, value in found if value}
        assert figures == plain.series("new_users", START, NOW, span.value, "Europe/Moscow")
    report(f"seconds by day, by hour, by month: {[round(each, 2) for each in took]}")
    assert max(took) < SECONDS
