"""Several values at once: each by the protocol's own steps, which all take in the same round trips.

What must happen in an order for one value happens in that order for all: every stamp is minted, and every
`refill` has begun, before anything is loaded.
"""

from collections.abc import Generator, Sequence
from itertools import islice
from typing import Any, TypeVar

from faceitbot.core.cache.call import NOTHING, Call
from faceitbot.core.cache.counters import IN_PROCESS
from faceitbot.core.cache.entry import Entry
from faceitbot.core.cache.protocol import Fetch, Load, Miss, Run, RunEach, Step
from faceitbot.core.cache.shelf import Asked
from faceitbot.core.cache.state import CacheUnavailable

R = TypeVar("R")
_IN_THIS_ORDER: tuple[type[Step], ...] = (Run, Fetch, Load)


def together(parts: Sequence[Generator[Step, Any, R]]) -> Generator[Step, Any, list[R]]:
    """Run the parts side by side, and give what each gives.

    The answer to the `Load` is a list, one value for each part that loads, in their order.
    """
    results: dict[int, R] = {}
    waiting: dict[int, Step] = {}

    def go_on(number: int, answer: Any) -> None:
        part = parts[number]
        try:
            is_failure = isinstance(answer, CacheUnavailable)
            waiting[number] = part.throw(answer) if is_failure else part.send(answer)
        except StopIteration as end:
            waiting.pop(number, None)
            results[number] = end.value

    for number in range(len(parts)):
        go_on(number, None)
    while waiting:
        kind = next(
            kind for kind in _IN_THIS_ORDER if any(isinstance(step, kind) for step in waiting.values())
        )
        asking = {number: step for number, step in waiting.items() if isinstance(step, kind)}
        try:
            answers = _each(asking, (yield _at_once(list(asking.values()))))
        except CacheUnavailable as error:
            answers = [error] * len(asking)
        for number, answer in zip(asking, answers, strict=True):
            go_on(number, answer)
    return [results[number] for number in range(len(parts))]


def from_here(calls: Sequence[Call]) -> tuple[list[Any], list[int]]:
    """Give the values that this process has just read, and count them; and the places of the others."""
    values = [call.here_uncounted() for call in calls]
    absent = [number for number, value in enumerate(values) if value is NOTHING]
    calls[0].counters.add(IN_PROCESS, len(values) - len(absent))
    return values, absent


def sort_out(
    calls: Sequence[Call], places: Sequence[int], found: Sequence[Entry | Miss], began: Asked, into: list[Any]
) -> dict[int, Miss]:
    """Put the values of the hits, of what the calls at these places have found; give the misses by place."""
    missed: dict[int, Miss] = {}
    for number, entry in zip(places, found, strict=True):
        into[number], miss = calls[number].served(entry, began)
        if miss is not None:
            missed[number] = miss
    return missed


def _at_once(steps: Sequence[Any]) -> Step:
    first = steps[0]
    if isinstance(first, Fetch):
        return Fetch(tuple(name for step in steps for name in step.names))
    return RunEach(tuple(steps)) if isinstance(first, Run) else first


def _each(asking: dict[int, Step], answer: Any) -> list[Any]:
    steps = list(asking.values())
    if not isinstance(steps[0], Fetch):
        return list(answer)
    values = iter(answer)
    return [list(islice(values, len(step.names))) for step in steps if isinstance(step, Fetch)]
