"""The ticks go on whatever one of them meets."""

import asyncio

from faceitbot.live import feed as feeding
from faceitbot.live.feed import Feed
from faceitbot.live.snapshots import Snapshot, Told

SNAPSHOT = Snapshot({"en": Told("{}", "")})


async def test_a_fault_of_ours_ends_one_tick_and_not_the_next(monkeypatch):
    monkeypatch.setattr(feeding, "TICK_SECONDS", 0.01)
    faults = iter([TypeError("a bug"), KeyError("another")])

    def take():
        for fault in faults:
            raise fault
        return SNAPSHOT

    feed = Feed(take)

    with feed.watched():
        async with asyncio.timeout(10):
            assert await feed.newer_than(None) is SNAPSHOT
