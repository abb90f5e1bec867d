"""Counts what the cache of this process does while a block runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from faceitbot.core.cache.registry import counters_of


class Counted(dict[str, int]):
    """What has been counted; complete when the block has ended, without what stayed at nought."""


@contextmanager
def counted(alias: str = "player_cache") -> Iterator[Counted]:
    """Count within a block."""
    before = counters_of(alias).snapshot()
    found = Counted()
    yield found
    after = counters_of(alias).snapshot()
    found.update({name: after[name] - before[name] for name in after if after[name] != before[name]})
