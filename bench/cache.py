"""What the cache saves and what it costs. Few keys, which are read again and again."""

import asyncio
import pickle
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

from bench.operations.names import ASYNCPG, DJANGO, OURS, SQLALCHEMY
from bench.operations.running import run_operation
from bench.operations.ways import no_cache, on_the_loop
from bench.peers.alchemy import alchemy
from bench.peers.raw import raw
from bench.rounds import Contender, Operation, Target
from bench.world import TEAM, is_the_team, is_the_user, world
from faceitbot.core import clock
from faceitbot.core.cache import counters, maintenance
from faceitbot.core.cache.registry import counters_of, server_of
from stats.models import PlayerStatsCache
from stats.repositories import StatsRepository
from users.models import User
from users.repositories import UserRepository

HOT = 200  # users, or teams, that are read again and again
AT_ONCE = 20
REDIS = "django-redis, aget"
ALIASES = ("player_cache", "stats_cache")
MOST_BYTES = 16 * 2**20


class Untold(UserRepository):
    """Writes without telling the cache."""

    def _written(self, scopes: Collection[str]) -> None:
        pass

    async def _written_here(self, rows: Any, hold_seconds: float = 0) -> None:
        pass


users, untold, stats = UserRepository(), Untold(), StatsRepository()


# ---- What is called


def by_telegram_id(number: int) -> Awaitable[User | None]:
    return users.get_by_telegram_id(world.telegram_id(number % HOT))


def any_by_telegram_id(number: int) -> Awaitable[User | None]:
    return users.get_by_telegram_id(world.telegram_id(number))


def team(number: int) -> Awaitable[list[PlayerStatsCache]]:
    return stats.get_team_stats(world.team(number % HOT))


def whole_team(number: int) -> Awaitable[list[PlayerStatsCache]]:
    return stats.get_team_stats(world.team(number))


async def orm_team(number: int) -> list[PlayerStatsCache]:
    rows = PlayerStatsCache.objects.filter(
        player_id__in=world.team(number), game="cs2", expires_at__gt=clock.now()
    )
    return [row async for row in rows]


def waiting(repository: UserRepository) -> Callable[[int], Awaitable[User | None]]:
    return lambda number: repository.set_waiting_for_nickname(world.telegram_id(number % HOT))


def touch(repository: UserRepository) -> Callable[[int], Awaitable[User | None]]:
    return lambda number: repository.touch(world.telegram_id(number % HOT))


def user_stats(_number: int) -> Awaitable[dict[str, Any]]:
    return users.get_user_stats()


# ---- The rival: rows under keys of its own, pickled, which is its default and quicker than JSON


def theirs() -> BaseCache:
    return caches["bench"]


async def aget(number: int) -> Any:
    return await theirs().aget(f"user:{number % HOT}")


async def aget_many(number: int) -> list[Any]:
    found = await theirs().aget_many([f"card:{name}" for name in world.team(number % HOT)])
    return list(found.values())


async def get_many_in_a_thread(number: int) -> list[Any]:
    keys = [f"card:{name}" for name in world.team(number % HOT)]
    return list((await sync_to_async(theirs().get_many)(keys)).values())


# ---- What is the right answer


def is_hot_user(number: int, answer: Any) -> bool:
    return is_the_user(number % HOT, answer)


def is_hot_team(number: int, answer: Any) -> bool:
    return is_the_team(number % HOT, answer)


def is_waiting(number: int, answer: User) -> bool:
    return is_hot_user(number, answer) and answer.waiting_for_nickname


def is_counted(number: int, answer: User) -> bool:
    return is_hot_user(number, answer) and answer.total_requests > 0


def is_complete(_number: int, answer: dict[str, Any]) -> bool:
    return bool(answer["total_users"] == world.users)


# ---- What lies in Redis, and in this process, before


def _switch(*, on: bool, in_process: bool = False) -> None:
    for alias in ALIASES:
        settings.CACHES[alias]["TIMEOUT"] = 3_600 if on else 0
        shelf = server_of(alias).state.shelf
        shelf.most_bytes = MOST_BYTES if in_process else 0
        if not in_process:
            shelf.clear()


async def cold() -> None:
    _switch(on=True)
    for alias in ALIASES:
        await asyncio.to_thread(maintenance.clear, alias)


async def warm(call: Callable[[int], Awaitable[Any]], *, in_process: bool = False) -> None:
    _switch(on=True, in_process=in_process)
    for first in range(0, HOT, AT_ONCE):
        await asyncio.gather(*(call(number) for number in range(first, first + AT_ONCE)))


async def theirs_warm() -> None:
    """Put the rows where `aget` finds them."""
    if "bench" not in caches.settings:
        caches.settings["bench"] = {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": settings.REDIS_URL,
            "KEY_PREFIX": "bench",
            "TIMEOUT": None,
            "OPTIONS": {"PICKLE_VERSION": pickle.HIGHEST_PROTOCOL},
        }
    await no_cache()
    if await theirs().aget("is filled"):
        return
    for number in range(HOT):
        await theirs().aset(f"user:{number}", await by_telegram_id(number))
        for card in await team(number):
            await theirs().aset(f"card:{card.player_id}", card)
    await theirs().aset("is filled", value=True)


def counted(alias: str, counter: str) -> Callable[[], int]:
    return lambda: counters_of(alias).snapshot()[counter]


HERE, HIT, MISS = (
    counted("player_cache", name) for name in (counters.IN_PROCESS, counters.HIT, counters.MISS)
)
IN_VALKEY, IN_PROCESS = "hit in Valkey", "hit in the process"
OFF = "from the database, cache switched off"


# ---- What is measured

CACHED_USER = Operation(
    "cached_user",
    "a user by Telegram id, cached",
    [
        Contender(OFF, by_telegram_id, is_hot_user, no_cache),
        Contender(
            IN_PROCESS, by_telegram_id, is_hot_user, partial(warm, by_telegram_id, in_process=True), HERE
        ),
        Contender(IN_VALKEY, by_telegram_id, is_hot_user, partial(warm, by_telegram_id), HIT),
        Contender("miss: load and store", any_by_telegram_id, is_the_user, cold, MISS),
        Contender(REDIS, aget, is_hot_user, theirs_warm, rival=True),
    ],
    [Target(IN_PROCESS, REDIS, 50), Target(IN_VALKEY, REDIS, 20)],
)
PLAYERS = Operation(
    "players",
    "five players by their ids, no cache",
    [
        Contender(OURS, whole_team, is_the_team, no_cache, on_the_loop("StatsRepository.get_team_stats")),
        Contender(SQLALCHEMY, lambda number: alchemy.players(world.team(number)), is_the_team, peer=alchemy),
        Contender(ASYNCPG, lambda number: raw.players(world.team(number)), is_the_team, peer=raw),
        Contender(DJANGO, orm_team, is_the_team, rival=True),
    ],
    [Target(OURS, SQLALCHEMY, 6)],
)
CACHED_PLAYERS = Operation(
    "cached_players",
    "five players by their ids, cached",
    [
        Contender(
            IN_PROCESS, team, is_hot_team, partial(warm, team, in_process=True), lambda: HERE() // TEAM
        ),
        Contender(IN_VALKEY, team, is_hot_team, partial(warm, team), lambda: HIT() // TEAM),
        Contender(f"{REDIS}_many", aget_many, is_hot_team, theirs_warm, rival=True),
        Contender(
            "django-redis, get_many in a thread", get_many_in_a_thread, is_hot_team, theirs_warm, rival=True
        ),
    ],
    [Target(IN_PROCESS, f"{REDIS}_many", 20), Target(IN_VALKEY, f"{REDIS}_many", 20)],
)
TELLING = Operation(
    "telling",
    "what a write pays for the cache",
    [
        Contender(
            "set_waiting_for_nickname, cache not told",
            waiting(untold),
            is_waiting,
            partial(warm, by_telegram_id),
        ),
        Contender("set_waiting_for_nickname", waiting(users), is_waiting, partial(warm, by_telegram_id)),
        Contender("touch, cache not told", touch(untold), is_counted, partial(warm, by_telegram_id)),
        Contender("touch", touch(users), is_counted, partial(warm, by_telegram_id)),
    ],
)
FIGURES = Operation(
    "figures",
    "get_user_stats, figures over all users",
    [
        Contender(OFF, user_stats, is_complete, no_cache),
        Contender(IN_VALKEY, user_stats, is_complete, partial(warm, user_stats)),
    ],
    tasks=(1, 50),
)
OPERATIONS: Sequence[Operation] = (CACHED_USER, PLAYERS, CACHED_PLAYERS, TELLING, FIGURES)
MEASUREMENTS = {operation.name: partial(run_operation, operation) for operation in OPERATIONS}
