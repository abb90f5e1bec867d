"""The data: users, their limits and players' cards, from a seed."""

import gc
import random
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection

from bench.sizes import Size
from stats.figures import MAX_TTL_MINUTES
from stats.repositories import StatsRepository
from subscriptions.models import TierLimits
from subscriptions.models.plans import MAX_LIMIT
from users.models import User
from users.repositories import UserRepository

SEED = 20
BATCH = 2_000  # a statement has five seconds, on a busy machine, too
FIRST_ID = 5_000_000_000
LANGUAGES = ("ru", "ru", "ru", "uk", "en")
MAPS = ("de_ancient", "de_anubis", "de_dust2", "de_inferno", "de_mirage", "de_nuke", "de_train")

TEAM = 5
STRIDE = 7_919  # a prime: calls are spread over all rows, and no two at the same time are about one


@dataclass
class World:
    """What is in the database. `keys` are those of the users, in the order of their Telegram ids."""

    users: int = 0
    players: int = 0
    keys: list[UUID] = field(default_factory=list)

    def at(self, number: int) -> int:
        """Give the place of the user that a call is about."""
        return number * STRIDE % self.users

    def telegram_id(self, number: int) -> int:
        """Give the Telegram id of the user that a call is about."""
        return FIRST_ID + self.at(number)

    def key(self, number: int) -> UUID:
        """Give the key of the user that a call is about."""
        return self.keys[self.at(number)]

    def team(self, number: int) -> list[str]:
        """Give the players that a call is about."""
        return [player_id((number * TEAM + place) * STRIDE % self.players) for place in range(TEAM)]


world = World()


@cache
def player_id(place: int) -> str:
    """Give the FACEIT id of a player."""
    return str(UUID(int=place + 1))


async def fill(size: Size) -> None:
    """Register the users, raise the limit of their plan, write the cards."""
    draw = random.Random(SEED)
    for first in range(0, size.users, BATCH):
        await UserRepository().create_batch(
            {
                "telegram_id": FIRST_ID + number,
                "faceit_player_id": draw.choice((str(UUID(int=draw.getrandbits(128))), None)),
                "faceit_nickname": f"player{number}",
                "language": draw.choice(LANGUAGES),
            }
            for number in range(first, min(first + BATCH, size.users))
        )
    for first in range(0, size.players, BATCH):
        await StatsRepository().cache_multiple_players(
            [card(place, draw) for place in range(first, min(first + BATCH, size.players))],
            ttl_minutes=MAX_TTL_MINUTES,
        )
    await sync_to_async(_settle)()


def card(place: int, draw: random.Random) -> dict[str, Any]:
    """Give what a player's card is told."""
    return {
        "player_id": player_id(place),
        "nickname": f"mate{place}",
        "stats_data": {
            "skill_level": draw.randint(1, 10),
            "faceit_elo": draw.randint(100, 3_000),
            "matches_played": draw.randint(1, 5_000),
            "winrate": draw.randint(30, 70),
            "avg_kd": draw.randint(50, 200) / 100,
            "country": "ua",
            "recent_form": "".join(draw.choice("WL") for _ in range(5)),
            "map_performance": {
                name: {"matches": draw.randint(1, 500), "winrate": draw.randint(30, 70), "avg_kd": 1.1}
                for name in MAPS
            },
            "weapon_preferences": {"kills": 1_000, "sniper": draw.randint(0, 50), "pistol": 10},
        },
    }


async def remember(size: Size) -> None:
    """Read what answers are compared with."""
    world.users, world.players = size.users, size.players
    rows = User.objects.order_by("telegram_id").values_list("pk", flat=True)
    world.keys[:] = await sync_to_async(lambda: list(rows))()
    set_aside()


def set_aside() -> None:
    """Let the garbage collector not look through what a bot has not: our lists, and the rivals' code."""
    gc.collect()
    gc.freeze()


def _settle() -> None:
    TierLimits.objects.update(daily_requests=MAX_LIMIT)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE users, user_subscriptions, player_stats")
        cursor.execute("CHECKPOINT")
    connection.close()


# ---- What is the right answer


def of(answer: Any, name: str) -> Any:
    """Give a column of an answer, be it an object or a record."""
    return getattr(answer, name) if hasattr(answer, name) else answer[name]


def is_the_user(number: int, answer: Any) -> bool:
    """Say whether this is the user that a call is about."""
    place = world.at(number)
    wanted = (FIRST_ID + place, world.keys[place], f"player{place}")
    return wanted == tuple(of(answer, name) for name in ("telegram_id", "id", "faceit_nickname"))


def is_the_team(number: int, answer: Any) -> bool:
    """Say whether these are the cards of the players that a call is about."""
    found = {of(card, "player_id"): of(card, "map_performance") for card in answer}
    return set(found) == set(world.team(number)) and all(set(maps) == set(MAPS) for maps in found.values())
