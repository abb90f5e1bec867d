"""The old bot's storage on the database: the same six coroutines, and nothing is lost."""

import asyncio
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from examples.old_bot import storage as old
from faceitbot.compat import UserData, storage
from faceitbot.core import atomically, clock
from faceitbot.core.errors import InvalidInput
from subscriptions.models import UserSubscription
from tests.factories import UserFactory
from users.errors import FaceitAccountTaken
from users.models import User, UserActivity

LONG_AGO = datetime(2024, 5, 1, 12, tzinfo=UTC)
committed = pytest.mark.django_db(transaction=True)


def whole_user(**changes):
    """A user with a value in each field that is not its default."""
    values = {
        "user_id": 7,
        "faceit_player_id": "player-7",
        "faceit_nickname": "Мария",
        "last_checked_match_id": "1-match",
        "waiting_for_nickname": True,
        "language": "en",
        "notifications_enabled": False,
        "created_at": LONG_AGO,
        "last_active_at": LONG_AGO + timedelta(days=3),
        "total_requests": 41,
    }
    return UserData(**{**values, **changes})


def test_a_user_has_the_fields_of_the_old_one():
    assert [each.name for each in fields(UserData)] == [each.name for each in fields(old.UserData)]
    new, was = asdict(UserData(7)), asdict(old.UserData(7))
    assert new.pop("created_at") - clock.now() < timedelta(seconds=1)
    del was["created_at"]
    assert new == was


async def test_what_is_saved_is_what_one_gets(both_ways):
    assert await storage.get_user(7) is None

    await storage.save_user(whole_user())

    assert await storage.get_user(7) == whole_user()


async def test_a_user_who_is_saved_again_is_changed_in_every_setting(both_ways):
    await storage.save_user(whole_user())
    after = {
        "faceit_player_id": "other",
        "faceit_nickname": None,
        "last_checked_match_id": "2-match",
        "waiting_for_nickname": False,
        "language": "ru",
        "notifications_enabled": True,
        "last_active_at": LONG_AGO + timedelta(days=4),
        "total_requests": 42,
    }

    await storage.save_user(whole_user(**after))

    assert await storage.get_user(7) == whole_user(**after)


async def test_whoever_is_saved_first_has_access_like_anybody_else(both_ways):
    await storage.save_user(UserData(7))

    row = await atomically(UserSubscription.objects.get)
    assert (row.tier, row.expires_at) == ("free", None)


@committed
async def test_fifty_increments_at_once_are_fifty():
    await storage.save_user(UserData(7))

    await asyncio.gather(*(storage.increment_request_count(7) for _ in range(50)))

    user = await storage.get_user(7)
    assert user.total_requests == 50
    assert clock.now() - user.last_active_at < timedelta(minutes=1)
    assert sum(await atomically(lambda: list(UserActivity.objects.values_list("requests", flat=True)))) == 50


async def test_the_old_storage_counts_one_of_fifty(tmp_path):
    """Control: not even writing in turn helps, for what is written was read before."""
    all_have_read, turn = asyncio.Barrier(50), asyncio.Lock()

    class Racing(old.Storage):
        async def get_user(self, user_id):
            user = await super().get_user(user_id)
            await all_have_read.wait()
            return user

        async def save_user(self, user_data):
            async with turn:
                await super().save_user(user_data)

    path = tmp_path / "data.json"
    alone, racing = old.Storage(path), Racing(path)
    await alone.save_user(old.UserData(7))

    await asyncio.gather(*(racing.increment_request_count(7) for _ in range(50)))

    assert (await alone.get_user(7)).total_requests == 1


async def test_who_was_read_before_others_counted_takes_nothing_back(both_ways):
    await storage.save_user(whole_user())
    stale = await storage.get_user(7)
    await storage.increment_request_count(7)
    counted = await storage.get_user(7)

    stale.language = "de"
    await storage.save_user(stale)

    now = await storage.get_user(7)
    assert (now.language, now.total_requests, now.last_active_at) == ("de", 42, counted.last_active_at)
    assert counted.last_active_at > stale.last_active_at


@committed
async def test_saving_beside_counting_loses_no_request():
    await storage.save_user(UserData(7))

    async def save_what_was_read():
        await storage.save_user(await storage.get_user(7))

    await asyncio.gather(
        *(
            call()
            for _ in range(20)
            for call in (lambda: storage.increment_request_count(7), save_what_was_read)
        )
    )

    assert (await storage.get_user(7)).total_requests == 20


async def test_a_registration_moves_only_back(both_ways):
    await storage.save_user(whole_user())

    await storage.save_user(whole_user(created_at=clock.now()))

    assert (await storage.get_user(7)).created_at == LONG_AGO


async def test_a_time_without_a_zone_is_the_machines_own(both_ways):
    naive = datetime(2024, 5, 1, 12)

    await storage.save_user(whole_user(created_at=naive, last_active_at=naive))

    user = await storage.get_user(7)
    assert user.created_at == user.last_active_at == naive.astimezone()


async def test_an_account_that_somebody_else_has_is_refused_and_nothing_is_kept(both_ways):
    await storage.save_user(whole_user())

    with pytest.raises(FaceitAccountTaken):
        await storage.save_user(whole_user(user_id=8))

    assert await storage.get_user(8) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_id", "7"),
        ("user_id", 0),
        ("total_requests", -1),
        ("total_requests", 2**53),
        ("created_at", "2024-05-01"),
        ("created_at", None),
        ("last_active_at", datetime(2200, 1, 1, tzinfo=UTC)),
        ("faceit_nickname", "a\x00b"),
        ("language", None),
    ],
)
async def test_what_is_no_user_is_refused_by_the_name_of_the_field(both_ways, field, value):
    with pytest.raises(InvalidInput, match=field):
        await storage.save_user(whole_user(**{field: value}))

    assert await atomically(User.objects.count) == 0


async def test_the_last_match_and_requests_of_a_stranger_are_nobodys(both_ways):
    await storage.update_last_checked_match(7, "1-match")
    await storage.increment_request_count(7)

    assert await atomically(User.objects.count) == 0


async def test_the_last_match_is_remembered(both_ways):
    await storage.save_user(whole_user())

    await storage.update_last_checked_match(7, "3-match")

    assert await storage.get_user(7) == whole_user(last_checked_match_id="3-match")


async def test_all_users_are_those_with_an_account(both_ways):
    await storage.save_user(UserData(1))
    await storage.save_user(whole_user())

    assert await storage.get_all_users() == [whole_user()]


@pytest.mark.django_db
def test_thousands_of_users_come_by_one_query():
    User.objects.bulk_create(User(telegram_id=n, faceit_player_id=f"p-{n}") for n in range(1, 3001))

    with CaptureQueriesContext(connection) as queries:
        found = asyncio.run(storage.get_all_users())

    assert len(found) == 3000
    assert len([query for query in queries if query["sql"].startswith("SELECT")]) == 1


async def test_the_figures_are_those_of_all_users(both_ways):
    now = clock.now()

    def fill():
        UserFactory.create(total_requests=3, last_active_at=now)
        UserFactory.create(total_requests=4, last_active_at=now - timedelta(days=8))
        UserFactory.create(total_requests=5, last_active_at=None)

    assert await storage.get_user_stats() == {"total_users": 0, "active_users": 0, "total_requests": 0}
    await atomically(fill)
    assert await storage.get_user_stats() == {"total_users": 3, "active_users": 1, "total_requests": 12}
