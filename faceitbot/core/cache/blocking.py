"""Runs the protocol in the calling thread: for the admin, commands and other synchronous callers."""

import copy
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from faceitbot.core.cache.call import Call, Conversation
from faceitbot.core.cache.counters import SHARED
from faceitbot.core.cache.protocol import Load, Loaded, Step, find, mint, refill
from faceitbot.core.cache.server import Server
from faceitbot.core.cache.state import STEP_SECONDS, CacheUnavailable
from faceitbot.core.cache.together import from_here, sort_out, together
from faceitbot.core.stopping import Stopped

R = TypeVar("R")


def read(call: Call, load: Callable[[], Loaded]) -> Any:
    """Give the value of a call, from Redis or by the load."""
    began = call.server.state.shelf.ask()
    asked, server, talk, name = monotonic(), call.server, Conversation(call.counters), call.address.value
    found = drive(find(call.address, server.state), server, talk)
    value, missed = call.served(found, began)
    if missed is None:
        return value
    stamps = drive(mint(call.address, missed, server.state), server, talk)
    own: Future[Loaded] = Future()
    future = own if call.fresh else server.flights.find_or_add(name, stamps, own, asked)
    if future is not own:
        call.counters.add(SHARED)
        try:
            return call.value_of(future.result())
        except Stopped:  # he was; nobody has stopped this one
            return load().value
        except Exception as error:
            raise copy.copy(error) from error  # each caller's traceback is his own
    try:
        own.set_result(drive(refill(call.address, stamps, call.policy, server.state), server, talk, load))
    except Exception as error:
        own.set_exception(error)
        raise
    except BaseException:
        own.set_exception(Stopped("the work that asked first was ended", call=name))
        raise
    finally:
        server.flights.land(name, own, failed=own.exception() is not None)
    return call.value_of(own.result())


def read_many(calls: Sequence[Call], load: Callable[[list[int]], list[Loaded]]) -> list[Any]:
    """Give the values of calls of one alias; what Redis lacks by one load, which is told their places.

    Concurrency: nobody else joins the load.
    """
    values, absent = from_here(calls)
    if not absent:
        return values
    server, talk = calls[0].server, Conversation(calls[0].counters)
    began = server.state.shelf.ask()
    found = drive(together([find(calls[number].address, server.state) for number in absent]), server, talk)
    missed = sort_out(calls, absent, found, began, values)
    if missed:
        minting = [mint(calls[number].address, miss, server.state) for number, miss in missed.items()]
        stamps = dict(zip(missed, drive(together(minting), server, talk), strict=True))
        parts = [refill(calls[n].address, stamps[n], calls[n].policy, server.state) for n in missed]
        loaded = drive(together(parts), server, talk, partial(load, list(missed)))
        for number, each in zip(missed, loaded, strict=True):
            values[number] = each.value
    return values


def drive(
    steps: Generator[Step, Any, R],
    server: Server,
    talk: Conversation,
    load: Callable[[], Loaded | list[Loaded]] | None = None,
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
