"""An event: written behind the caller's back, or by an INSERT of its own.

The time of a round includes the end of the writing: the table has every row when the clock stops.
"""

import asyncio
from functools import partial
from typing import Any

from analytics.models import Metric
from analytics.recording import waiting
from analytics.repositories import AnalyticsRepository
from bench.operations.names import ASYNCPG, DJANGO, OURS, SQLALCHEMY
from bench.operations.running import run_operation
from bench.peers.alchemy import alchemy
from bench.peers.raw import raw
from bench.rounds import Contender, Operation, Target
from faceitbot.core import clock
from faceitbot.core.observability import emit

TAGS = {"tier": "premium", "kind": "match"}
analytics = AnalyticsRepository()


def row() -> dict[str, Any]:
    """Give the columns of an event of this moment."""
    return {
        "name": "thing.done",
        "value": 1.0,
        "metric_type": "counter",
        "tags": TAGS,
        "timestamp": clock.now(),
        "period": "",
    }


async def written_behind(_number: int) -> None:
    emit("thing.done", tags=TAGS)


async def drained() -> None:
    """Wait until what was written behind is in the table."""
    await asyncio.to_thread(waiting.drain)


def is_done(_number: int, answer: object) -> bool:
    return answer is None or isinstance(answer, Metric)


METRIC = Operation(
    "metric",
    "an event, until it is in the table",
    [
        Contender(OURS, written_behind, is_done, finish=drained, waits=False),
        Contender(
            "faceitbot, record_metric", lambda _: analytics.record_metric("thing.done", 1, tags=TAGS), is_done
        ),
        Contender(SQLALCHEMY, lambda _: alchemy.metric(row()), is_done, peer=alchemy),
        Contender(ASYNCPG, lambda _: raw.metric(row()), is_done, peer=raw),
        Contender(DJANGO, lambda _: Metric.objects.acreate(**row()), is_done, rival=True),
    ],
    [Target(OURS, SQLALCHEMY, 50)],
    total="SELECT count(*) FROM metrics",
)
MEASUREMENTS = {METRIC.name: partial(run_operation, METRIC)}
