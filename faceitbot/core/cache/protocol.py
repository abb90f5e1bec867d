"""How values get into Redis and out of it, so that no reader is shown an old row: the steps, without I/O.

Reading: fetch a value and its three stamps at once; it is served only if it was made under these very
stamps. Otherwise mint the stamps that are missing, *then* load, then store the value under the stamps that
were read before the load. Writing: after the commit, move the stamps of every look-up value that the row had
and has, by deleting them. Stamps are random, so nobody ever mints the same one again, and a reader that
loaded before the write stores its value under a stamp that no longer counts.

A value is stored only while its stamps still count, and two loads under the same stamps that differ mean
that a write has not been told: the second one moves the stamp instead of storing. A process that could not
store what it has loaded must compare before it trusts Redis about those rows again (`doubts`). So, whatever
gets lost, a process is never shown an older row than it has seen under the same key, unless Redis evicts at
that very moment.

Each function is a generator that yields steps and is sent their results; a driver that talks to Redis
(`faceitbot.core.cache.blocking`, `.awaiting`) runs it, and throws `CacheUnavailable` into it when Redis
fails. So both worlds share one protocol, and tests can run its steps in any order.
"""

import os
from collections.abc import Collection, Generator, Sequence
from typing import Any, NamedTuple, cast

from faceitbot.core.cache.entry import HEAD_LENGTH, STAMP_LENGTH, STAMPS_AT, Entry, Stamps, Why, judge, seal
from faceitbot.core.cache.keys import Address
from faceitbot.core.cache.state import CacheUnavailable, State

STAMP_SECONDS = 24 * 60 * 60  # of a stamp; longer than any value lives, and prolonged at each store

# Gives 0 when the stamps have been moved since they were read, else 1: Redis knows of the load.
# Arguments: the entry, its milliseconds, a stamp's milliseconds, whether loads under equal stamps must agree.
STORE = f"""
local made_under = string.sub(ARGV[1], {STAMPS_AT + 1}, {HEAD_LENGTH})
local current = ''
for _, stamp in ipairs(redis.call('MGET', KEYS[2], KEYS[3], KEYS[4])) do
  current = current .. (stamp or '')
end
if current ~= made_under then return 0 end
local old = redis.pcall('GET', KEYS[1])
if ARGV[4] == '1' and type(old) == 'string' and #old > {HEAD_LENGTH}
    and string.sub(old, {STAMPS_AT + 1}, {HEAD_LENGTH}) == made_under
    and string.sub(old, {HEAD_LENGTH + 1}) ~= string.sub(ARGV[1], {HEAD_LENGTH + 1}) then
  redis.call('DEL', KEYS[1], KEYS[2])
  return 1
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for number = 2, 4 do redis.call('PEXPIRE', KEYS[number], ARGV[3]) end
return 1
"""


class Fetch(NamedTuple):
    """Step: give the values of these names, None for a missing one."""

    names: tuple[str, ...]


class Run(NamedTuple):
    """Step: run these commands and give the result of the last."""

    commands: tuple[tuple[Any, ...], ...]


class RunEach(NamedTuple):
    """Step: run these side by side and give the result of each, as a list."""

    runs: tuple[Run, ...]


class Load(NamedTuple):
    """Step: ask the database; give a `Loaded`."""


class Loaded(NamedTuple):
    """What the database gave; no payload if that cannot be stored.

    `value` itself is for one caller; where several share a load, each reads his own from the payload.
    Units: `expires` is the value's own end, in seconds since 1970.
    """

    payload: bytes | None
    expires: float | None = None
    value: Any = None


class Miss(NamedTuple):
    """Nothing to serve; `seen` are the stamps of that moment, None past Redis."""

    why: Why
    seen: tuple[bytes | None, ...] | None


class Policy(NamedTuple):
    """How long values of a method live, and whether every write of their rows moves their stamps.

    Only then they are kept in the process, too.
    """

    seconds: float
    coherent: bool = True


Step = Fetch | Run | RunEach | Load


def find(address: Address, state: State) -> Generator[Step, Any, Entry | Miss]:
    """Look for a value that may be served."""
    if not state.is_usable():
        return Miss(Why.PAST, None)
    try:
        doubted = state.doubts.among(address.stamps)
        if doubted:
            yield Run((("DEL", *doubted),))
            state.doubts.settle(doubted)
        raw, *stamps = yield Fetch(tuple(address))
    except CacheUnavailable:
        return Miss(Why.PAST, None)
    if state.doubts.among(address.stamps):
        # Meanwhile: a write of this process, or a new connection has met another server than before.
        return Miss(Why.PAST, None)
    found = judge(raw, tuple(stamps), state.clock())
    if isinstance(found, Entry) and state.doubts.suspicion(address.scope) is not None:
        found = Why.STALE
    return found if isinstance(found, Entry) else Miss(found, tuple(stamps))


def mint(address: Address, miss: Miss, state: State) -> Generator[Step, Any, Stamps | None]:
    """Give the stamps to load under, making those that are missing; None when Redis cannot."""
    if miss.seen is None:
        return None
    try:
        return (yield from _mint(address, miss.why, miss.seen))
    except CacheUnavailable:
        return None


def refill(
    address: Address, stamps: Stamps | None, policy: Policy, state: State
) -> Generator[Step, Any, Loaded]:
    """Load a value, and store it for the next reader unless there are no stamps."""
    asked, began, suspicion = state.shelf.ask(), state.clock(), state.doubts.suspicion(address.scope)
    loaded: Loaded = yield Load()
    took = state.clock() - began
    known = False
    # What took longer to load than it would be kept may be older than what has been stored and has gone.
    if stamps is not None and 0 <= took < policy.seconds:
        known = yield from store(address, stamps, loaded, policy, state)
    if known:
        state.doubts.clear(address.scope, suspicion)
    else:
        state.doubts.suspect(address.scope)
    if policy.coherent:
        state.shelf.keep(address, asked, loaded.payload, _end(loaded, policy, began))
    return loaded


def store(
    address: Address, stamps: Stamps, loaded: Loaded, policy: Policy, state: State
) -> Generator[Step, Any, bool]:
    """Store a value that was loaded after these stamps had been read; say whether Redis knows of it.

    A value whose own time is over, or that cannot be stored, is nothing to know of.
    """
    now = state.clock()
    ends = _end(loaded, policy, now)
    milliseconds = round((ends - now) * 1000)
    if milliseconds < 1 or loaded.payload is None:
        return True
    entry = seal(loaded.payload, now, ends, stamps)
    arguments = (entry, milliseconds, STAMP_SECONDS * 1000, int(policy.coherent))
    try:
        answer = yield Run((("EVAL", STORE, len(address), *address, *arguments),))
    except CacheUnavailable:
        return False
    return bool(answer)


def move(names: Collection[str], state: State, hold_seconds: float = 0) -> Generator[Step, Any, bool]:
    """Move stamps, so that nothing made under them is served; say whether Redis has done it.

    With `hold_seconds` they stay in doubt so long: what they tell of may only be about to happen.
    """
    held = state.doubts.add(names, hold_seconds)
    state.shelf.written(names, hold_seconds)
    moved = False
    if state.is_usable():
        try:
            yield Run((("DEL", *held),))
            moved = True
        except CacheUnavailable:
            pass
    if moved:
        state.doubts.settle(held)
    if hold_seconds or not moved:
        state.wake()
    state.epoch = object()
    return moved


def _end(loaded: Loaded, policy: Policy, now: float) -> float:
    ends = now + policy.seconds
    return ends if loaded.expires is None else min(ends, loaded.expires)


def _mint(address: Address, why: Why, seen: tuple[bytes | None, ...]) -> Generator[Step, Any, Stamps | None]:
    lacking = _without_stamp(address, seen)
    broken = [name for name, stamp in lacking if stamp is not None]
    unknown = [address.value] if why is Why.UNDECODABLE else []
    if not lacking and not unknown:
        return cast("Stamps", seen)
    commands: list[tuple[Any, ...]] = [("DEL", *broken, *unknown)] if broken or unknown else []
    commands += [
        ("SET", name, os.urandom(STAMP_LENGTH), "NX", "EX", STAMP_SECONDS) for name, _none in lacking
    ]
    minted = yield Run((*commands, ("MGET", *address.stamps)))
    taken = _without_stamp(address, minted)
    if not taken:
        return cast("Stamps", tuple(minted))
    # Something that is no text bears the name of a stamp; the next reader finds it gone.
    yield Run((("DEL", *(name for name, _none in taken)),))
    return None


def _without_stamp(address: Address, stamps: Sequence[bytes | None]) -> list[tuple[str, bytes | None]]:
    pairs = zip(address.stamps, stamps, strict=True)
    return [(name, stamp) for name, stamp in pairs if stamp is None or len(stamp) != STAMP_LENGTH]
