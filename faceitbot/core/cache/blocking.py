"""Runs the protocol in the calling thread: for the admin, commands and other synchronous callers."""

from collections.abc import Callable, Generator
from time import monotonic
from typing import Any, TypeVar

from faceitbot.core.cache.call import Call, Conversation
from faceitbot.core.cache.entry import Entry, Why
from faceitbot.core.cache.protocol import Load, Loaded, Miss, Step, find, mint, refill
from faceitbot.core.cache.server import Server
from faceitbot.core.cache.state import STEP_SECONDS, CacheUnavailable

R = TypeVar("R")


def read(call: Call, load: Callable[[], Loaded]) -> Any:
    """Give the value of a call, from Redis or by the load."""
    server, talk = call.server, Conversation(call.counters)
    found = drive(find(call.address, server.state), server, talk)
    if isinstance(found, Entry):
        value = call.decoded(found)
        if not isinstance(value, Miss) and not call.fresh:
            call.counters.add_read(found)
            return value
        found = value if isinstance(value, Miss) else Miss(Why.STALE, found.stamps)
    call.counters.add_read(found)
    stamps = drive(mint(call.address, found, server.state), server, talk)
    return call.codec.decode(
        drive(refill(call.address, stamps, call.policy, server.state), server, talk, load)
    )


def drive(
    steps: Generator[Step, Any, R],
    server: Server,
    talk: Conversation,
    load: Callable[[], Loaded] | None = None,
) -> R:
    """Run a protocol function to its end; a step that might not end within the budget is not begun."""
    result, error = None, None
    while True:
        try:
            step = steps.throw(error) if error else steps.send(result)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        result, error = None, None
        if isinstance(step, Load):
            assert load is not None  # noqa: S101 - only functions that load yield it; tells mypy
            result = load()
            continue
        began = monotonic()
        try:
            talk.demand(STEP_SECONDS)
            result = server.ask(step)
        except CacheUnavailable as failure:
            error = failure
            talk.failed()
        talk.took(monotonic() - began)
