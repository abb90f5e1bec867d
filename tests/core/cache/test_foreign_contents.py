"""What others have put under our names: never believed, never run, replaced by what is right."""

import os
import pickle

import pytest
from django.core.cache import caches

from faceitbot.core.cache.entry import HEAD_LENGTH
from faceitbot.core.cache.registry import server_of
from tests.core.cache.counted import counted
from tests.threads import in_a_thread
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = UserRepository()
SIDES = ["awaited", "blocking"]
GARBAGE = {
    "nothing": lambda _stored: b"",
    "noise": lambda _stored: bytes(range(256)),
    "text": lambda _stored: b'{"id": 7}',
    "half an entry": lambda stored: stored[: HEAD_LENGTH // 2],
    "an entry without a value": lambda stored: stored[:HEAD_LENGTH],
    "an entry that breaks off": lambda stored: stored[:-1],
    "an entry with more behind it": lambda stored: stored + b"\0",
    "an entry of an unknown kind": lambda stored: stored[:HEAD_LENGTH] + b"9" + stored[HEAD_LENGTH + 1 :],
    "an entry with a pickle": lambda stored: stored[:HEAD_LENGTH] + b"1" + pickle.dumps({"id": 7}),
}
OTHER_TYPES = {
    "a list": ("RPUSH", "foreign"),
    "a hash": ("HSET", "field", "foreign"),
    "a set": ("SADD", "foreign"),
    "a sorted set": ("ZADD", 1, "foreign"),
    "a stream": ("XADD", "*", "field", "foreign"),
}


@pytest.fixture
def redis():
    return server_of("player_cache").client


async def look_up(side):
    look_up = repository.get_by_telegram_id
    return await (look_up(7) if side == "awaited" else in_a_thread(look_up.blocking, 7))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_in_place_of_a_value_is_counted_and_replaced(redis, place, side, garbage):
    redis.set(place.value, GARBAGE[garbage](redis.get(place.value)))

    with counted() as counts:
        users = [await look_up(side) for _read in range(2)]

    assert [user.telegram_id for user in users] == [7, 7]
    assert counts == {"undecodable": 1, "hits": 1}
    assert 0 < redis.pttl(place.value) <= 300_000


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("kind", OTHER_TYPES)
async def test_another_type_in_place_of_a_value_is_replaced(redis, place, side, kind):
    command, *arguments = OTHER_TYPES[kind]
    redis.delete(place.value)
    redis.execute_command(command, place.value, *arguments)

    with counted() as counts:
        users = [await look_up(side) for _read in range(2)]

    assert [user.telegram_id for user in users] == [7, 7]
    assert counts == {"misses": 1, "hits": 1}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("stamp", ["scope", "operation", "table"])
@pytest.mark.parametrize("garbage", [b"", b"x" * 7, b"x" * 8, bytes(range(256))])
async def test_garbage_in_place_of_a_stamp_is_replaced(redis, place, side, stamp, garbage):
    redis.set(getattr(place, stamp), garbage)

    with counted() as counts:
        users = [await look_up(side) for _read in range(2)]

    assert [user.telegram_id for user in users] == [7, 7]
    assert counts == {"stale": 1, "hits": 1}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("stamp", ["scope", "operation", "table"])
@pytest.mark.parametrize("kind", OTHER_TYPES)
async def test_another_type_in_place_of_a_stamp_is_removed(redis, place, side, stamp, kind):
    command, *arguments = OTHER_TYPES[kind]
    redis.delete(getattr(place, stamp))
    redis.execute_command(command, getattr(place, stamp), *arguments)

    with counted() as counts:
        users = [await look_up(side) for _read in range(3)]

    assert [user.telegram_id for user in users] == [7, 7, 7]
    assert counts == {"stale": 2, "hits": 1}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("kind", [None, *OTHER_TYPES])
async def test_a_write_counts_although_something_else_is_in_place_of_its_stamp(redis, place, side, kind):
    redis.delete(place.scope)
    if kind:
        command, *arguments = OTHER_TYPES[kind]
        redis.execute_command(command, place.scope, *arguments)
    else:
        redis.set(place.scope, b"garbage")

    await repository.set_waiting_for_nickname(7)

    assert [(await look_up(side)).waiting_for_nickname for _read in range(3)] == [True] * 3


class Bomb:
    """What makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.fixture(params=[0, 5], ids=["text protocol", "binary protocol"])
def bomb(request, tmp_path):
    """A pickle, and how to see whether it was run; the control is that it works."""
    trace = tmp_path / "unpickled"
    planted = pickle.dumps(Bomb(trace), protocol=request.param)
    pickle.loads(planted)
    assert trace.exists()
    trace.rmdir()
    return planted, trace


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("within_an_entry", [False, True])
async def test_a_planted_pickle_is_not_run(redis, place, bomb, side, within_an_entry):
    planted, trace = bomb
    for kind in (b"0", b"1", b"2", b"3") if within_an_entry else (b"",):
        head = redis.get(place.value)[:HEAD_LENGTH] if within_an_entry else b""
        redis.set(place.value, head + kind + planted)

        with counted() as counts:
            users = [await look_up(side) for _read in range(2)]

        assert [user.telegram_id for user in users] == [7, 7]
        assert counts == {"undecodable": 1, "hits": 1}
        assert not trace.exists()


@pytest.mark.parametrize("alias", ["player_cache", "match_cache", "stats_cache"])
async def test_a_planted_pickle_is_not_run_by_djangos_own_caches(redis, bomb, alias):
    planted, trace = bomb
    cache = caches[alias]
    redis.set(cache.make_key("planted"), planted, ex=60)

    with pytest.raises(ValueError, match=r"decode|Expecting"):
        cache.get("planted")
    with pytest.raises(ValueError, match=r"decode|Expecting"):
        await cache.aget("planted")

    assert not trace.exists()
