"""A whole handler: the user, one request of his against the limit, one event."""

from functools import partial
from typing import Any

from analytics.models import Metric
from bench.operations.limits import is_admitted
from bench.operations.metrics import TAGS, drained, row
from bench.operations.names import ASYNCPG, DJANGO, OURS, SQLALCHEMY
from bench.operations.running import run_operation
from bench.operations.ways import no_cache, on_the_loop
from bench.peers.alchemy import alchemy
from bench.peers.orm import count_request
from bench.peers.raw import raw
from bench.rounds import Contender, Operation, Target
from bench.world import is_the_user, world
from faceitbot.core.observability import emit
from subscriptions.repositories import SubscriptionRepository
from users.models import User
from users.repositories import UserRepository

users, subscriptions = UserRepository(), SubscriptionRepository()
BOTH = "(SELECT sum(daily_requests) FROM user_subscriptions)"
EVENTS = "(SELECT count(*) FROM metrics)"


async def ours(number: int) -> tuple[Any, Any]:
    user = await users.get_by_telegram_id(world.telegram_id(number))
    allowance = await subscriptions.consume_request(world.key(number))
    emit("thing.done", tags=TAGS)
    return user, allowance


async def ours_touching(number: int) -> tuple[Any, Any]:
    user = await users.touch(world.telegram_id(number))
    allowance = await subscriptions.consume_request(user.pk)
    emit("thing.done", tags=TAGS)
    return user, allowance


async def django(number: int) -> tuple[Any, Any]:
    user = await User.objects.aget(telegram_id=world.telegram_id(number))
    counted = await count_request(user.pk)
    await Metric.objects.acreate(**row())
    return user, counted


def is_served(number: int, answer: tuple[Any, Any]) -> bool:
    user, counted = answer
    return is_the_user(number, user) and is_admitted(number, counted)


HANDLER = Operation(
    "handler",
    "a whole handler: the user, a request against the limit, an event",
    [
        Contender(
            OURS,
            ours,
            is_served,
            no_cache,
            on_the_loop("UserRepository.get_by_telegram_id"),
            finish=drained,
        ),
        Contender(
            "faceitbot, counting the user's activity, too", ours_touching, is_served, no_cache, finish=drained
        ),
        Contender(
            SQLALCHEMY,
            lambda number: alchemy.handler(world.telegram_id(number), row()),
            is_served,
            peer=alchemy,
        ),
        Contender(ASYNCPG, lambda number: raw.handler(world.telegram_id(number), row()), is_served, peer=raw),
        Contender(DJANGO, django, is_served, rival=True),
    ],
    [Target(OURS, SQLALCHEMY, 15)],
    total=f"SELECT ({BOTH} + {EVENTS}) / 2",
)
MEASUREMENTS = {HANDLER.name: partial(run_operation, HANDLER)}
