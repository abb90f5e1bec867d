"""A request against the limit of the day, of users who are all different."""

from collections.abc import Callable
from functools import partial
from typing import Any

from bench.operations.names import ASYNCPG, DJANGO, OURS, SQLALCHEMY
from bench.operations.running import run_operation
from bench.operations.ways import no_cache, on_the_loop
from bench.peers.alchemy import alchemy
from bench.peers.orm import count_request
from bench.peers.raw import raw
from bench.rounds import Contender, Operation, Target
from bench.world import world
from faceitbot.core.statements.line import line_of_loop
from faceitbot.core.statements.tallies import Tally
from subscriptions.allowance import RequestAllowance
from subscriptions.repositories import SubscriptionRepository

subscriptions = SubscriptionRepository()


class Straight:
    """In the place of a `Tally`: counts at once."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    async def ask(self, key: Any) -> Any:
        """Give the answer to one call."""
        tally = self._tally
        rows = await tally._write(None, tally._line, {key: 1})  # noqa: SLF001 - it is what is measured
        return (await tally._answer(None, rows, {key: 1}))[key][0]  # noqa: SLF001


async def batched() -> None:
    await no_cache()
    _put(lambda shared: shared._tally if isinstance(shared, Straight) else shared)  # noqa: SLF001


async def unbatched() -> None:
    """Take the tally out of the way, and the cache away."""
    await no_cache()
    _put(lambda shared: Straight(shared) if isinstance(shared, Tally) else shared)


def _put(instead: Callable[[Any], Any]) -> None:
    line = line_of_loop()
    assert line is not None  # noqa: S101 - the settings say so
    line._shared.update({key: instead(shared) for key, shared in line._shared.items()})  # noqa: SLF001


def is_admitted(_number: int, answer: Any) -> bool:
    """Say whether the request was counted; the plain ORM gives the number of rows, our SQL a row."""
    if isinstance(answer, RequestAllowance):
        return answer.allowed and answer.limits["daily_requests"] > 0
    return bool(answer == 1 if isinstance(answer, int) else answer[1] == 1)


LIMIT = Operation(
    "limit",
    "a request against the limit, each of another user",
    [
        Contender(
            OURS,
            lambda number: subscriptions.consume_request(world.key(number)),
            is_admitted,
            batched,
            on_the_loop("RequestMethods.consume_request"),
        ),
        Contender(
            f"{OURS} without batching",
            lambda number: subscriptions.consume_request(world.key(number)),
            is_admitted,
            unbatched,
            on_the_loop("RequestMethods.consume_request"),
        ),
        Contender(SQLALCHEMY, lambda number: alchemy.limit(world.key(number)), is_admitted, peer=alchemy),
        Contender(
            "SQLAlchemy, BEGIN and COMMIT",
            lambda number: alchemy.limit_in_transaction(world.key(number)),
            is_admitted,
            peer=alchemy,
        ),
        Contender(ASYNCPG, lambda number: raw.limit(world.key(number)), is_admitted, peer=raw),
        Contender(
            "asyncpg, told not to reset",
            lambda number: raw.limit_without_reset(world.key(number)),
            is_admitted,
            peer=raw,
        ),
        Contender(
            f"{DJANGO}, a plain CASE",
            lambda number: count_request(world.key(number)),
            is_admitted,
            rival=True,
        ),
    ],
    [
        Target(OURS, f"{OURS} without batching", 0.97, tasks=1),
        Target(OURS, SQLALCHEMY, 18),
        Target(OURS, ASYNCPG, 3.5),
    ],
    total="SELECT sum(daily_requests) FROM user_subscriptions",
)
MEASUREMENTS = {LIMIT.name: partial(run_operation, LIMIT)}
