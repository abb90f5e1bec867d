"""What this process has read within the last 0.8 s, so that the next caller needs no server at all.

It stands before the protocol, for rows and look-ups by key; figures have none. What is promised, and why:

- A write of this process is seen by the next read here. Before a write's stamps are moved its names are
  noted with a number (`written`), after they have been put in doubt. Whoever takes his number later meets the
  doubts, or stamps that have been moved; whoever has taken it before may not leave what he has read here, and
  what he has left is not served.
- A write of another process is seen within 0.8 s, also while Redis is away: a value's time is counted from
  before its stamps, or the database, were read, and not from when it arrived.
- Nobody is shown an older row than this process has seen under the same key. The protocol promises that of a
  read that begins after another has ended. Of two that cross each other and differ nobody knows which is
  newer: neither is kept, nor what whoever is under way will bring.

Values lie here as bytes: each caller decodes his own. To take one needs no lock.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from itertools import count
from math import inf
from random import random
from time import monotonic, time
from typing import NamedTuple

from faceitbot.core.cache.keys import Address, table_stamp

SECONDS = 0.8  # from the question to Redis or the database; with the time of a write's own way below one
_SPREAD = 0.2  # of them, by chance less: what was read at once shall not all be read anew at once
MOST_VALUES = 10_000
MOST_WRITES = 50_000  # names of the last 0.8 s: ten thousand writes a second
_LARGEST_SHARE = 16  # a value may take this part of the room
_OVERHEAD = 500  # bytes of a value's name, numbers and place in the table


class Asked(NamedTuple):
    """When a reader has begun: his number among all readers and writers, and the steady clock's seconds.

    The `moment` is a little before that, by chance.
    """

    number: int
    moment: float


class _Kept(NamedTuple):
    """A value; with `until` in the past a note that the last read has `ended`, and left nothing."""

    payload: bytes
    until: float
    began: int
    ended: int


class _Write(NamedTuple):
    """A write by the names of its stamps. Units: `moment` as `Asked`."""

    names: tuple[str, ...]
    number: int
    moment: float


class Held(NamedTuple):
    """How much lies here. Units: bytes."""

    values: int
    size: int


class Shelf:
    """The values that one process has read from one server, or past it. For all of its threads and loops.

    Units: `most_bytes` is the room; 0 switches it off.
    """

    def __init__(
        self,
        most_bytes: int = 0,
        clock: Callable[[], float] = time,
        steady: Callable[[], float] = monotonic,
        chance: Callable[[], float] = random,
    ) -> None:
        self.most_bytes = most_bytes
        self._clock = clock
        self._steady = steady
        self._chance = chance
        self._numbers = count(1)
        # The one that was left last comes last. A dict that is emptied from its front is slow to find that.
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0
        self._writes: dict[str, int] = {}
        self._latest: deque[_Write] = deque()  # those that `_writes` is made of
        self._last_writes: dict[str, int] = {}  # by the table's stamp
        self._forgotten_write = 0
        self._forgotten_read = 0
        self._unsure: dict[str, float] = {}
        self._lock = threading.Lock()

    def ask(self) -> Asked:
        """Begin to read: to be called before anything is asked."""
        moment = self._steady() - _SPREAD * self._chance()
        return Asked(next(self._numbers), moment)

    def find(self, address: Address) -> bytes | None:
        """Give the value that may be served, if there is one."""
        kept = self._kept.get(address.value)
        if kept is None:
            return None
        payload, until, began, _ended = kept
        # In this order: a write is forgotten when what it has overtaken is over.
        return None if self._is_overtaken(address, began) or until <= self._steady() else payload

    def keep(self, address: Address, asked: Asked, payload: bytes | None, expires: float) -> None:
        """Note what a reader is about to be shown, and keep it if it may be served to others.

        Units: `expires` is the value's own end, in seconds since 1970. What cannot be kept is noted all the
        same, for what lies here may be older than that.
        """
        if not self.most_bytes:
            return
        with self._lock:
            now = self._steady()
            until = min(asked.moment + SECONDS, now + expires - self._clock())
            ended, old = next(self._numbers), self._take(address.value)
            agrees = old is not None and old.until > now and old.payload == payload
            new, crossed = None, old is not None and asked.number < old.ended and not agrees
            if (
                payload is not None
                and until > now
                and not crossed
                and self._may_stay(address, asked, payload)
            ):
                new = _Kept(payload, until, asked.number, ended)
            if agrees and old is not None and (new is None or new.began < old.began):
                new = old._replace(ended=ended)
            self._put(address.value, new or _Kept(b"", -inf, 0, ended))
            self._trim(now)

    def written(self, names: Collection[str], unsure_seconds: float = 0) -> None:
        """Serve nothing any more that depends on these stamps, which have been put in doubt.

        With `unsure_seconds` nothing of them is kept for so long: what was written may only be about to be
        committed.
        """
        if not self.most_bytes:
            return
        with self._lock:
            number, now = next(self._numbers), self._steady()
            self._latest.append(_Write(tuple(names), number, now))
            self._writes |= dict.fromkeys(names, number)
            self._last_writes |= dict.fromkeys({table_stamp(name) for name in names}, number)
            self._forget_writes(now)
            if unsure_seconds:
                self._unsure |= dict.fromkeys(names, now + unsure_seconds)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0
            self._forgotten_read = next(self._numbers)

    def tidy(self) -> None:
        """Drop what is over: nobody may come to push it out."""
        with self._lock:
            now = self._steady()
            self._trim(now)
            self._forget_writes(now)
            self._unsure = {name: until for name, until in self._unsure.items() if until > now}

    def held(self) -> dict[str, Held]:
        """Give what may be served, by alias."""
        found: dict[str, Held] = {}
        now = self._steady()
        for name, kept in list(self._kept.items()):
            if kept.until > now:
                alias = name.partition(":")[0]
                values, size = found.get(alias, (0, 0))
                found[alias] = Held(values + 1, size + _size(name, kept))
        return found

    def _may_stay(self, address: Address, asked: Asked, payload: bytes) -> bool:
        return (
            asked.number > self._forgotten_read
            and not self._is_overtaken(address, asked.number)
            and not self._is_unsure(address)
            and len(payload) <= self.most_bytes // _LARGEST_SHARE
        )

    def _is_overtaken(self, address: Address, number: int) -> bool:
        """Say whether this process has written what a reader with this number has been asking for."""
        if number > self._last_writes.get(address.table, 0):
            return False
        writes = self._writes
        return (
            writes.get(address.scope, 0) > number
            or writes.get(address.operation, 0) > number
            or writes.get(address.table, 0) > number
            or number <= self._forgotten_write
        )

    def _is_unsure(self, address: Address) -> bool:
        if not self._unsure:
            return False
        now = self._steady()
        return any(self._unsure.get(name, -inf) > now for name in address.stamps)

    def _forget_writes(self, now: float) -> None:
        """Forget those that are too old to matter: what was asked for before them is over."""
        latest = self._latest
        while latest and (latest[0].moment + SECONDS <= now or len(self._writes) > MOST_WRITES):
            names, number, moment = latest.popleft()
            if moment + SECONDS > now:
                self._forgotten_write = number
            for name in names:
                if self._writes.get(name) == number:
                    del self._writes[name]

    def _put(self, name: str, kept: _Kept) -> None:
        self._kept[name] = kept
        self._bytes += _size(name, kept)

    def _take(self, name: str) -> _Kept | None:
        kept = self._kept.pop(name, None)
        if kept is not None:
            self._bytes -= _size(name, kept)
        return kept

    def _trim(self, now: float) -> None:
        """Drop from the front what is over or finds no room. Readers who cross it may not leave theirs."""
        while self._kept:
            name = next(iter(self._kept))
            over = self._kept[name].until <= now
            if not over and self._bytes <= self.most_bytes and len(self._kept) <= MOST_VALUES:
                return
            dropped = self._take(name)
            if dropped is not None:
                self._forgotten_read = max(self._forgotten_read, dropped.ended)


def _size(name: str, kept: _Kept) -> int:
    return len(name) + len(kept.payload) + _OVERHEAD
