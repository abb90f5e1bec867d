"""Counting requests: on the user and in the hour's row, exactly, whoever counts at the same time."""

import asyncio
import threading
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.transactions import atomically, transactional
from tests.factories import UserFactory
from users.models import User, UserActivity
from users.repositories import UserRepository

repository = UserRepository()
NOON = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)


def hours(user):
    return dict(UserActivity.objects.filter(user=user).order_by("hour").values_list("hour", "requests"))


async def hours_of(user):
    return await atomically(hours, user)


@pytest.mark.django_db(transaction=True)
async def test_fifty_concurrent_calls_count_exactly_fifty():
    user = await repository.create_user(7)

    await asyncio.gather(*(repository.update_last_activity(7, now=NOON) for _ in range(50)))

    assert (await repository.get_by_telegram_id(7)).total_requests == 50
    assert await hours_of(user) == {NOON.replace(minute=0): 50}


@pytest.mark.django_db(transaction=True)
async def test_reading_before_counting_loses_requests():
    """Control: read the counter, add one, save it; two callers that read together count once."""
    read_together = threading.Barrier(2, timeout=10)

    class Naive(UserRepository):
        @transactional()
        def count_naively(self, user_id):
            user = User.objects.get(telegram_id=user_id)
            read_together.wait()
            user.total_requests += 1
            user.save()

    await repository.create_user(7)

    await asyncio.gather(*(Naive().count_naively(7) for _ in range(2)))

    assert (await repository.get_by_telegram_id(7)).total_requests == 1


async def test_a_touch_counts_and_gives_the_user_as_it_is_now(both_ways):
    await repository.create_user(7, "player", "Nick", "en")

    touched = await repository.touch(7, "de", now=NOON)

    assert touched == await repository.get_by_telegram_id(7)
    assert (touched.total_requests, touched.last_active_at, touched.language) == (1, NOON, "en")
    assert (touched.faceit_nickname, touched.created_at.tzinfo) == ("Nick", UTC)


@pytest.mark.django_db
def test_a_touch_of_a_known_user_is_one_statement():
    UserFactory(telegram_id=7)

    with CaptureQueriesContext(connection) as queries:
        repository.touch.blocking(7)

    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1


async def test_a_touch_registers_an_unknown_user_and_counts(both_ways):
    touched = await repository.touch(5_000_000_000, "en", now=NOON)

    assert (touched.telegram_id, touched.language, touched.total_requests) == (5_000_000_000, "en", 1)
    assert await hours_of(touched) == {NOON.replace(minute=0): 1}


@pytest.mark.django_db(transaction=True)
async def test_fifty_concurrent_touches_of_a_new_user_make_one_user_with_fifty_requests():
    await asyncio.gather(*(repository.touch(7) for _ in range(50)))

    assert await repository.count() == 1
    assert (await repository.get_by_telegram_id(7)).total_requests == 50


async def test_the_last_activity_never_moves_backwards(both_ways):
    user = await repository.create_user(7)
    await repository.update_last_activity(7, now=NOON)

    await repository.update_last_activity(7, now=NOON - timedelta(hours=2))

    assert (await repository.get_by_telegram_id(7)).last_active_at == NOON
    assert await hours_of(user) == {
        NOON.replace(hour=10, minute=0): 1,
        NOON.replace(minute=0): 1,
    }


async def test_the_databases_clock_decides_when_no_time_is_given(both_ways):
    before = clock.now()

    user = await repository.touch(7)

    assert before - timedelta(seconds=1) < user.last_active_at < clock.now() + timedelta(seconds=1)


async def test_a_user_who_comes_back_has_not_stopped_the_bot(both_ways):
    user = await repository.create_user(7)
    await atomically(lambda: User.objects.filter(pk=user.pk).update(bot_blocked_at=NOON))

    assert (await repository.touch(7)).bot_blocked_at is None


async def test_old_activity_does_not_bring_a_user_back(both_ways):
    user = await repository.create_user(7)
    await atomically(lambda: User.objects.filter(pk=user.pk).update(bot_blocked_at=NOON))

    await repository.bulk_update_activity([{"user_id": 7, "timestamp": NOON - timedelta(days=1)}])

    assert (await repository.get_by_telegram_id(7)).bot_blocked_at == NOON


async def test_an_unknown_user_is_left_alone(both_ways):
    assert await repository.update_last_activity(7) is None

    assert await repository.count() == 0


async def test_activity_of_many_users_is_counted_at_once(both_ways):
    one, two = await repository.create_user(1), await repository.create_user(2)
    await repository.update_last_activity(2, now=NOON)

    found = await repository.bulk_update_activity(
        [
            {"user_id": 1, "timestamp": NOON, "requests": 3},
            {"user_id": 1, "timestamp": NOON - timedelta(hours=1)},
            {"user_id": 2, "timestamp": NOON - timedelta(days=1), "requests": 5},
            {"user_id": 3, "timestamp": NOON},
        ]
    )

    assert found == 2
    assert await hours_of(one) == {NOON.replace(hour=11, minute=0): 1, NOON.replace(minute=0): 3}
    rows = {row.telegram_id: row for row in await repository.get_all()}
    assert (rows[1].total_requests, rows[1].last_active_at) == (4, NOON)
    assert (rows[2].total_requests, rows[2].last_active_at) == (6, NOON)
    assert two.pk == rows[2].pk


@pytest.mark.parametrize(
    ("activity", "named"),
    [
        ({"user_id": "1"}, "user_id"),
        ({}, "user_id"),
        ({"user_id": 1, "requests": -1}, "requests"),
        ({"user_id": 1, "requests": 1.5}, "requests"),
        ({"user_id": 1, "timestamp": datetime(2026, 1, 1)}, "timestamp"),
        ({"user_id": 1, "when": NOON}, "when"),
        (
            {"user_id": 1, "timestamp": datetime.max.replace(tzinfo=timezone(-timedelta(hours=3)))},
            "timestamp",
        ),
        ({"user_id": 1, "timestamp": datetime(9999, 1, 1, tzinfo=UTC)}, "timestamp"),
        ("text", "activity"),
    ],
)
@pytest.mark.django_db
async def test_a_wrong_activity_is_refused_by_name_and_none_is_counted(activity, named):
    await repository.create_user(1)

    with pytest.raises(InvalidInput, match=named):
        await repository.bulk_update_activity([{"user_id": 1}, activity])

    assert (await repository.get_by_telegram_id(1)).total_requests == 0


async def test_days_are_those_of_the_bots_calendar(both_ways, settings):
    """22:30 UTC is half past one of the next day in Moscow."""
    settings.BOT_TIME_ZONE = "Europe/Moscow"
    user = await repository.create_user(7)
    late = NOON.replace(hour=22)
    for moment in (NOON, late, late):
        await repository.update_last_activity(7, now=moment)

    days = await repository.get_activity_by_day(user.pk, days=3, now=late)

    assert days == [(date(2026, 3, 9), 0), (date(2026, 3, 10), 1), (date(2026, 3, 11), 2)]


async def test_old_hours_are_folded_into_days_and_days_stay_what_they_were(both_ways, settings):
    settings.BOT_TIME_ZONE = "Europe/Moscow"
    user = await repository.create_user(7)
    for moment in (
        NOON,
        NOON,
        NOON + timedelta(hours=3),
        NOON + timedelta(hours=10),
        NOON + timedelta(days=90),
    ):
        await repository.update_last_activity(7, now=moment)
    now = NOON + timedelta(days=92)
    before = await repository.get_activity_by_day(user.pk, days=100, now=now)

    folded = await repository.fold_old_activity(now=now)

    assert folded == 3
    assert await repository.get_activity_by_day(user.pk, days=100, now=now) == before
    assert await hours_of(user) == {
        datetime(2026, 3, 9, 21, tzinfo=UTC): 3,
        datetime(2026, 3, 10, 21, tzinfo=UTC): 1,
        (NOON + timedelta(days=90)).replace(minute=0): 1,
    }
    assert await repository.fold_old_activity(now=now) == 0


@pytest.mark.django_db
def test_a_command_folds_old_hours(capsys):
    user = UserFactory(telegram_id=7)
    repository.update_last_activity.blocking(7, now=clock.now() - timedelta(days=200))

    call_command("fold_activity")
    call_command("fold_activity")

    assert capsys.readouterr().out.splitlines()[-1] == "0 hourly rows folded into days."
    assert sum(hours(user).values()) == 1
