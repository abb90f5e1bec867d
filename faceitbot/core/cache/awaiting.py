"""Runs the protocol on the event loop: one load for concurrent misses of a key, hot values renewed early."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from random import random
from time import monotonic
from typing import Any, TypeVar

from faceitbot.core.cache.call import Call, Conversation
from faceitbot.core.cache.counters import REFRESHED, SHARED
from faceitbot.core.cache.entry import Entry, Why
from faceitbot.core.cache.link import Flight, Link, link_to
from faceitbot.core.cache.protocol import Load, Loaded, Miss, Step, find, mint, refill
from faceitbot.core.cache.state import CacheUnavailable

R = TypeVar("R")
AsyncLoad = Callable[[], Awaitable[Loaded]]
_JOINED_WITHIN = 0.5  # seconds after its start that a load may be joined by who has not seen its stamps
_REFRESH_SHARE = 0.1  # of its life, at the end, in which a hit may have a value loaded anew


async def read(call: Call, load: AsyncLoad) -> Any:
    """Give the value of a call, from Redis or by the load."""
    link, talk = link_to(call.server), Conversation(call.counters)
    found = await drive(find(call.address, call.server.state), link, talk)
    if isinstance(found, Entry):
        value = call.decoded(found)
        if isinstance(value, Miss):
            found = value
        elif call.fresh:
            found = Miss(Why.STALE, found.stamps)
        else:
            call.counters.add_read(found)
            if _is_due(found, call.server.state.clock()) and call.address.value not in link.flights:
                call.counters.add(REFRESHED)
                _start(call, link, talk, load, Miss(Why.STALE, found.stamps))
            return value
    call.counters.add_read(found)
    flight = None if call.fresh else _joinable(link, call, found)
    if flight is None:
        flight = _start(call, link, talk, load, found)
    else:
        call.counters.add(SHARED)
    assert flight.task is not None  # noqa: S101 - set where it starts; tells mypy
    # Who is cancelled leaves the load to the others.
    return call.codec.decode(await asyncio.shield(flight.task))


def _joinable(link: Link, call: Call, miss: Miss) -> Flight | None:
    """Give the load under way that will not give less than a load of one's own.

    One that began after the last write of this process, less than half a second ago, or under the very
    stamps that count now.
    """
    flight = link.flights.get(call.address.value)
    if flight is None:
        return None
    if flight.stamps is not None and flight.stamps == miss.seen:
        return flight
    young = monotonic() - flight.started < _JOINED_WITHIN
    return flight if young and flight.epoch == call.server.state.epoch else None


def _start(call: Call, link: Link, talk: Conversation, load: AsyncLoad, miss: Miss) -> Flight:
    state, name = call.server.state, call.address.value
    flight = link.flights[name] = Flight(state.epoch, monotonic())

    async def fly() -> bytes:
        try:
            flight.stamps = await drive(mint(call.address, miss, state), link, talk)
            return await drive(refill(call.address, flight.stamps, call.policy, state), link, talk, load)
        finally:
            if link.flights.get(name) is flight:
                del link.flights[name]

    flight.task = asyncio.get_running_loop().create_task(fly())
    link.tasks.add(flight.task)
    flight.task.add_done_callback(link.tasks.discard)
    flight.task.add_done_callback(_retrieve)
    return flight


def _retrieve(task: "asyncio.Task[bytes]") -> None:
    """Take note of an error although nobody may be left to raise it to."""
    if not task.cancelled():
        task.exception()


def _is_due(entry: Entry, now: float) -> bool:
    """Say whether to renew a value already; by chance, so that not all processes do it at once."""
    return entry.expires - now < (entry.expires - entry.stored) * _REFRESH_SHARE * random()  # noqa: S311


async def drive(
    steps: Generator[Step, Any, R], link: Link, talk: Conversation, load: AsyncLoad | None = None
) -> R:
    """Run a protocol function to its end, within the time that is left for Redis."""
    result, error = None, None
    while True:
        try:
            step = steps.throw(error) if error else steps.send(result)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        result, error = None, None
        if isinstance(step, Load):
            assert load is not None  # noqa: S101 - only functions that load yield it; tells mypy
            result = await load()
            continue
        began = monotonic()
        try:
            talk.demand(0)
            result = await link.ask(step, talk.left)
        except CacheUnavailable as failure:
            error = failure
            talk.failed()
        talk.took(monotonic() - began)
