"""Keys and patterns written by hand: `_get_from_cache`, `_set_cache`, `_invalidate_cache`."""

import pytest
from django.conf import settings

from faceitbot.core import atomically
from faceitbot.core.cache.entry import HEAD_LENGTH
from faceitbot.core.cache.registry import server_of
from faceitbot.core.errors import InvalidInput
from tests.core.cache.counted import counted
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = UserRepository()
KEY = "users:favourite_maps:7"


async def keep(value, key=KEY):
    assert await repository._get_from_cache(key) is None
    await repository._set_cache(key, value, 60)


async def test_a_value_is_kept_under_a_key_of_ones_own():
    await keep({"de_dust2": 3})

    assert await repository._get_from_cache(KEY) == {"de_dust2": 3}


async def test_a_value_is_kept_only_by_who_looked_before():
    await repository._set_cache(KEY, {"de_dust2": 3}, 60)

    assert await repository._get_from_cache(KEY) is None


@pytest.mark.parametrize("pattern", [KEY, "users:favourite_maps:*", "users:*"])
async def test_a_pattern_reaches_what_it_names(pattern):
    await keep({"de_dust2": 3})

    await repository._invalidate_cache(pattern)

    assert await repository._get_from_cache(KEY) is None


@pytest.mark.parametrize("pattern", ["users:favourite_maps:8", "users:other:*"])
async def test_a_pattern_leaves_the_rest(pattern):
    await keep({"de_dust2": 3})

    await repository._invalidate_cache(pattern)

    assert await repository._get_from_cache(KEY) == {"de_dust2": 3}


async def test_a_value_loaded_before_an_invalidation_is_not_served():
    assert await repository._get_from_cache(KEY) is None

    await repository._invalidate_cache("users:*")
    await repository._set_cache(KEY, {"old": 1}, 60)

    assert await repository._get_from_cache(KEY) is None


async def test_an_invalidation_that_is_undone_changes_nothing():
    await keep({"de_dust2": 3})

    def doomed():
        repository._invalidate_cache.blocking(KEY)
        raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        await atomically(doomed)

    assert await repository._get_from_cache(KEY) == {"de_dust2": 3}


@pytest.mark.parametrize(
    "pattern",
    ["users:get_by_telegram_id:7", "users:get_by_telegram_id:*", "users:*"],
)
async def test_a_pattern_reaches_the_values_of_cached_methods(pattern):
    await repository.create_user(7)
    await repository.get_by_telegram_id(7)

    await repository._invalidate_cache(pattern)

    with counted() as counts:
        await repository.get_by_telegram_id(7)
    assert counts == {"stale": 1}


async def test_a_look_up_by_key_gives_what_the_method_gives():
    user = await repository.create_user(7)
    await repository.get_by_telegram_id(7)

    assert await repository._get_from_cache("users:get_by_telegram_id:7") == user


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "users",
        "users:",
        "users:*:7",
        "*",
        "*:*",
        "users:a*",
        "users:get_*:7",
        "users:a*:*",
        "users:op:",
        ":op:1",
        None,
        7,
    ],
)
async def test_other_patterns_are_refused(wrong):
    with pytest.raises(InvalidInput, match="pattern"):
        await repository._invalidate_cache(wrong)


@pytest.mark.parametrize("wrong", ["users:*", "users:get_by_id", "matches:op:1", "users:op:", 7])
async def test_what_is_no_key_of_the_repository_is_refused(wrong):
    with pytest.raises(InvalidInput, match="key"):
        await repository._get_from_cache(wrong)
    with pytest.raises(InvalidInput, match="key"):
        await repository._set_cache(wrong, 1, 60)


@pytest.mark.parametrize("ttl", [0, -1, 86_401, 1.5, None, True])
async def test_a_lifetime_must_be_a_number_of_seconds(ttl):
    with pytest.raises(InvalidInput, match="ttl"):
        await repository._set_cache(KEY, 1, ttl)


async def test_a_key_may_be_written_in_another_form():
    user = await repository.create_user(7)
    key = f"users:get_by_id:{str(user.pk).upper()}"
    await keep(user, key)

    assert await repository._get_from_cache(key) == user
    await repository.set_preferences(7, language="en")

    assert await repository._get_from_cache(key) is None


async def test_a_key_of_a_method_must_fit_it():
    with pytest.raises(InvalidInput, match="telegram_id"):
        await repository._get_from_cache("users:get_by_telegram_id:seven")


async def test_bytes_that_are_not_ours_are_no_value():
    await keep({"de_dust2": 3})
    client = server_of("player_cache").client
    (name,) = (name for name in client.keys("player_cache:*favourite_maps:7") if b":stamp:" not in name)
    client.set(name, client.get(name)[:HEAD_LENGTH] + b"x" * 10, ex=60)

    with counted() as counts:
        assert await repository._get_from_cache(KEY) is None
    assert counts == {"undecodable": 1}


async def test_zero_as_lifetime_switches_keys_by_hand_off_too(monkeypatch):
    monkeypatch.setitem(settings.CACHES["player_cache"], "TIMEOUT", 0)
    await keep({"de_dust2": 3})

    assert await repository._get_from_cache(KEY) is None
