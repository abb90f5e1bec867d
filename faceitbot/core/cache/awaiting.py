"""Runs the protocol on the event loop: one load for concurrent misses of a key, hot values renewed early."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from functools import partial
from random import random
from time import monotonic
from typing import Any, TypeVar

from faceitbot.core.cache.call import Call, Conversation
from faceitbot.core.cache.counters import REFRESHED, SHARED
from faceitbot.core.cache.entry import Entry, Stamps
from faceitbot.core.cache.link import Link, link_to
from faceitbot.core.cache.protocol import Load, Loaded, Step, find, mint, refill
from faceitbot.core.cache.state import CacheUnavailable
from faceitbot.core.cache.together import from_here, sort_out, together
from faceitbot.core.hot_settings import hot_settings
from faceitbot.core.monitoring import queue
from faceitbot.core.places import own

R = TypeVar("R")
AsyncLoad = Callable[[], Awaitable[Loaded]]
_REFRESH_SHARE = 0.1  # of its life, at the end, in which a hit may have a value loaded anew


async def read(call: Call, load: AsyncLoad) -> Any:
    """Give the value of a call, from Redis or by the load.

    Errors: those of the load; `Unavailable` when too many wait for others' loads already.
    """
    began = call.server.state.shelf.ask()
    asked, link, talk = monotonic(), link_to(call.server), Conversation(call.counters)
    found = await drive(find(call.address, call.server.state), link, talk)
    value, missed = call.served(found, began)
    if missed is None:
        if isinstance(found, Entry) and _is_due(found, call.server.state.clock()):
            _renew(call, link, talk, load, found, asked)
        return value
    stamps = await drive(mint(call.address, missed, call.server.state), link, talk)
    task = None if call.fresh else link.flights.find(call.address.value, stamps, asked)
    if task is None:
        # Who is cancelled leaves the load to the others.
        return call.value_of(await asyncio.shield(_start(call, link, talk, load, stamps)))
    with queue.Waiting():
        if link.sharing >= hot_settings.TRANSACTION_QUEUE_SIZE:
            raise queue.queue_full(link.sharing)
        call.counters.add(SHARED)
        link.sharing += 1
        try:
            return call.value_of(await asyncio.shield(task))
        except Exception as error:  # noqa: BLE001 - raised below, with its cause
            failure = own(error)
        finally:
            link.sharing -= 1
    raise failure


async def read_many(calls: Sequence[Call], load: Callable[[list[int]], Awaitable[list[Loaded]]]) -> list[Any]:
    """Give the values of calls of one alias; what Redis lacks by one load, which is told their places.

    Concurrency: nobody else joins the load, and nothing is renewed early.
    """
    values, absent = from_here(calls)
    if not absent:
        return values
    link, talk, state = link_to(calls[0].server), Conversation(calls[0].counters), calls[0].server.state
    began = state.shelf.ask()
    found = await drive(together([find(calls[number].address, state) for number in absent]), link, talk)
    missed = sort_out(calls, absent, found, began, values)
    if missed:
        minting = [mint(calls[number].address, miss, state) for number, miss in missed.items()]
        stamps = dict(zip(missed, await drive(together(minting), link, talk), strict=True))
        parts = [refill(calls[n].address, stamps[n], calls[n].policy, state) for n in missed]
        loaded = await drive(together(parts), link, talk, partial(load, list(missed)))
        for number, each in zip(missed, loaded, strict=True):
            values[number] = each.value
    return values


def _start(
    call: Call, link: Link, talk: Conversation, load: AsyncLoad, stamps: Stamps | None
) -> "asyncio.Task[Loaded]":
    steps, name = refill(call.address, stamps, call.policy, call.server.state), call.address.value
    task = asyncio.get_running_loop().create_task(drive(steps, link, talk, load))
    link.flights.find_or_add(name, stamps, task, monotonic())
    link.tasks.add(task)
    task.add_done_callback(lambda ended: _land(link, name, ended))
    return task


def _land(link: Link, name: str, task: "asyncio.Task[Loaded]") -> None:
    link.tasks.discard(task)
    # Nobody may be left to raise its error to.
    link.flights.land(name, task, failed=task.cancelled() or task.exception() is not None)


def _renew(call: Call, link: Link, talk: Conversation, load: AsyncLoad, entry: Entry, asked: float) -> None:
    """Load a value anew that is about to end; nobody waits for it."""
    if link.flights.find(call.address.value, entry.stamps, asked) is None:
        call.counters.add(REFRESHED)
        _start(call, link, talk, load, entry.stamps)


def _is_due(entry: Entry, now: float) -> bool:
    """Say whether to renew a value already; by chance, so that not all processes do it at once."""
    return entry.expires - now < (entry.expires - entry.stored) * _REFRESH_SHARE * random()  # noqa: S311


async def drive(
    steps: Generator[Step, Any, R],
    link: Link,
    talk: Conversation,
    load: Callable[[], Awaitable[Loaded | list[Loaded]]] | None = None,
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
