"""A user by Telegram id, read from the database."""

from functools import partial
from typing import Any

from bench.operations.names import ASYNCPG, DJANGO, OURS, SQLALCHEMY
from bench.operations.running import run_operation
from bench.operations.ways import no_cache, on_the_loop
from bench.peers.alchemy import alchemy
from bench.peers.raw import raw
from bench.rounds import Contender, Operation, Target
from bench.world import is_the_user, world
from faceitbot.core.statements.line import line_of_loop
from faceitbot.core.statements.look_ups import LookUp
from users.models import User
from users.repositories import UserRepository

users = UserRepository()


class Unbatched(UserRepository):
    """Each call has a statement of its own."""


alone = Unbatched()


class Straight:
    """In the place of a `Batcher`: asks at once."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up

    async def ask(self, request: Any) -> Any:
        """Give the answer to one request."""
        line = line_of_loop()
        assert line is not None  # noqa: S101 - the settings say so
        return (await self._look_up._answer(line, (request,)))[0]  # noqa: SLF001 - it is what is measured


async def unbatched() -> None:
    """Take the batcher out of the look-up of `Unbatched`, and the cache away."""
    await no_cache()
    line = line_of_loop()
    look_up = alone.get_by_telegram_id._method._look_up  # type: ignore[attr-defined] # noqa: SLF001
    assert line is not None  # noqa: S101
    line._shared[look_up] = Straight(look_up)  # noqa: SLF001


USER = Operation(
    "user",
    "a user by Telegram id, no cache",
    [
        Contender(
            OURS,
            lambda number: users.get_by_telegram_id(world.telegram_id(number)),
            is_the_user,
            no_cache,
            on_the_loop("UserRepository.get_by_telegram_id"),
        ),
        Contender(
            "faceitbot without batching",
            lambda number: alone.get_by_telegram_id(world.telegram_id(number)),
            is_the_user,
            unbatched,
            on_the_loop("Unbatched.get_by_telegram_id"),
        ),
        Contender(
            SQLALCHEMY,
            lambda number: alchemy.user(world.telegram_id(number)),
            is_the_user,
            peer=alchemy,
        ),
        Contender(
            "the same, as in its tutorial",
            lambda number: alchemy.user_in_transaction(world.telegram_id(number)),
            is_the_user,
            peer=alchemy,
        ),
        Contender(ASYNCPG, lambda number: raw.user(world.telegram_id(number)), is_the_user, peer=raw),
        Contender(
            "asyncpg, told not to reset",
            lambda number: raw.user_without_reset(world.telegram_id(number)),
            is_the_user,
            peer=raw,
        ),
        Contender(
            DJANGO,
            lambda number: User.objects.aget(telegram_id=world.telegram_id(number)),
            is_the_user,
            rival=True,
        ),
    ],
    [
        Target(OURS, SQLALCHEMY, 20),
        Target(OURS, ASYNCPG, 4),
        Target(OURS, SQLALCHEMY, 4, tasks=1),
        Target(OURS, DJANGO, 3.5, tasks=1),
        Target(OURS, "faceitbot without batching", 0.97, tasks=1),
    ],
)
MEASUREMENTS = {USER.name: partial(run_operation, USER)}
