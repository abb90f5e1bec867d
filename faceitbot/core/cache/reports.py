"""Counters of all processes, summed by alias and hour in Redis, for `manage.py cache_stats`."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from faceitbot.core import clock
from faceitbot.core.cache.counters import Counters

if TYPE_CHECKING:
    from redis import Redis

HOURS = 24
_KEPT_SECONDS = (HOURS + 2) * 60 * 60


def send(client: "Redis", counters: Mapping[str, Counters]) -> None:
    """Add what has been counted since the last time."""
    unreported = {alias: counted.unreported() for alias, counted in counters.items()}
    unreported = {alias: counts for alias, counts in unreported.items() if counts}
    if not unreported:
        return
    # Before they are sent: a report that is lost on the way back must not be counted twice.
    for alias, counts in unreported.items():
        counters[alias].mark_reported(counts)
    with client.pipeline(transaction=False) as pipeline:
        for alias, counts in unreported.items():
            name = _name(alias, clock.now())
            for counter, number in counts.items():
                pipeline.hincrby(name, counter, number)
            pipeline.expire(name, _KEPT_SECONDS)
        pipeline.execute()


def read(client: "Redis", alias: str, hours: int = HOURS, now: datetime | None = None) -> dict[str, int]:
    """Give the sums of the last hours, each from its beginning."""
    moment = now or clock.now()
    with client.pipeline(transaction=False) as pipeline:
        for age in range(hours):
            pipeline.hgetall(_name(alias, moment - timedelta(hours=age)))
        answers: list[dict[Any, Any]] = pipeline.execute()
    total: Counter[str] = Counter()
    for counts in answers:
        total.update({name.decode(): int(number) for name, number in counts.items()})
    return dict(total)


def is_report(name: bytes, alias: str) -> bool:
    """Say whether counters lie under a name."""
    return name.startswith(_prefix(alias).encode())


def _name(alias: str, moment: datetime) -> str:
    return f"{_prefix(alias)}{moment:%Y-%m-%dT%H}"


def _prefix(alias: str) -> str:
    return f"{alias}:counters:"
