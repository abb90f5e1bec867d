"""Lists of users: who is on them, in which order, in bounded memory."""

import json
from datetime import timedelta

import pytest

from faceitbot.core import clock
from tests.factories import UserFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
repository = UserRepository()


@pytest.fixture
def people():
    now = clock.now()
    UserFactory(
        telegram_id=1, faceit_nickname="Сокол", last_active_at=now - timedelta(days=1), total_requests=5
    )
    UserFactory(telegram_id=2, faceit_nickname="сокол_2", last_active_at=now, total_requests=50)
    UserFactory(telegram_id=3, faceit_nickname="falcon", last_active_at=None, language="en")
    UserFactory(
        telegram_id=4,
        faceit_player_id=None,
        faceit_nickname=None,
        last_active_at=now - timedelta(days=8),
        created_at=now - timedelta(days=40),
        total_requests=7,
    )
    UserFactory(
        telegram_id=None,
        erased_at=now,
        faceit_player_id=None,
        faceit_nickname=None,
        last_active_at=now,
        total_requests=99,
    )


def ids(users):
    return [user.telegram_id for user in users]


async def test_linked_users_come_last_active_first(people):
    assert ids(await repository.get_users_with_faceit_accounts()) == [2, 1, 3]
    assert ids(await repository.get_users_with_faceit_accounts(skip=1, limit=1)) == [1]


async def test_active_users_are_those_of_the_last_days(people):
    assert ids(await repository.get_active_users()) == [2, 1]
    assert ids(await repository.get_active_users(since_days=30)) == [2, 1, 4]
    assert ids(await repository.get_active_users(now=clock.now() + timedelta(days=6, hours=12))) == [2]


async def test_a_part_of_a_nickname_is_found_in_any_case(people):
    assert ids(await repository.search_users_by_nickname("СОКОЛ")) == [2, 1]
    assert ids(await repository.search_users_by_nickname("_2")) == [2]
    assert ids(await repository.search_users_by_nickname("%")) == []
    assert ids(await repository.search_users_by_nickname("о", limit=1)) == [2]


async def test_of_several_users_with_one_nickname_the_last_active_is_given(people):
    await repository.create({"telegram_id": 9, "faceit_player_id": "p9", "faceit_nickname": "СОКОЛ_2"})

    assert (await repository.get_by_nickname("Сокол_2")).telegram_id == 2


async def test_the_most_active_users_are_named(people):
    top = await repository.get_top_active_users(limit=2)

    assert [(row["user_id"], row["nickname"], row["total_requests"]) for row in top] == [
        (2, "сокол_2", 50),
        (4, None, 7),
    ]
    assert set(top[0]) == {"user_id", "nickname", "total_requests", "last_active"}


async def test_figures_about_users_leave_out_the_erased(people):
    figures = await repository.get_user_stats()

    assert figures == {
        "total_users": 4,
        "users_with_faceit": 3,
        "active_users_7d": 2,
        "new_users_24h": 3,
        "faceit_link_rate": 75.0,
        "activity_rate": 50.0,
        "language_distribution": {"ru": 3, "en": 1},
        "subscription_distribution": {"free": 4},
    }
    json.dumps(figures)


async def test_figures_about_nobody_are_zero():
    assert await repository.get_user_stats() == {
        "total_users": 0,
        "users_with_faceit": 0,
        "active_users_7d": 0,
        "new_users_24h": 0,
        "faceit_link_rate": 0.0,
        "activity_rate": 0.0,
        "language_distribution": {},
        "subscription_distribution": {},
    }


async def test_going_through_all_linked_users_meets_each_once():
    await repository.create_batch(
        {"telegram_id": number, "faceit_player_id": f"p{number}" if number % 2 else None}
        for number in range(1, 2502)
    )

    seen = [user.telegram_id async for user in repository.iter_users_with_faceit_accounts()]

    assert sorted(seen) == [number for number in range(1, 2502) if number % 2]


async def test_a_user_shows_no_personal_data_in_logs():
    user = await repository.create_user(5_000_000_001, "player-secret", "Nickname")

    assert str(user) == f"bot user {user.pk}"
    assert isinstance(user, User)
