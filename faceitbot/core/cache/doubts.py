"""What this process knows, or must fear, that Redis does not know yet.

A stamp is in doubt when a write that it should tell of may not have reached Redis. Values under it are not
served to this process before the stamp has been moved.

A scope is suspect when this process has loaded its rows and Redis has no record of that: what lies there may
be older. It is not served to this process before a load has been compared with it.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from time import monotonic

from faceitbot.core.cache.keys import table_stamp

MOST = 10_000  # beyond, the stamp of the table stands for all of its scopes

Held = Mapping[str, int]


class Doubts:
    """The stamps in doubt, for all threads of a process.

    Each doubt has a number, so that moving a stamp settles what was known when that began, and not what has
    been added meanwhile.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._suspects: dict[str, int] = {}
        self._last = 0
        self._until: dict[str, float] = {}
        self._every_table: int | None = None  # the number of the doubt about all tables
        self._trusted: set[str] = set()
        self._lock = threading.Lock()

    def add(self, names: Collection[str], hold_seconds: float = 0) -> Held:
        """Put stamps in doubt; give these doubts. None of them is settled for `hold_seconds`."""
        with self._lock:
            self._last += 1
            if hold_seconds:
                self._until |= dict.fromkeys(names, monotonic() + hold_seconds)
            if len(self._numbers) + len(names) > MOST:
                tables = {table_stamp(name) for name in (*self._numbers, *names)}
                self._numbers = dict.fromkeys(tables, self._last)
                until: dict[str, float] = {}
                for name, moment in self._until.items():
                    table = table_stamp(name)
                    until[table] = max(moment, until.get(table, 0))
                self._until = until
                return dict(self._numbers)
            added = dict.fromkeys(names, self._last)
            self._numbers.update(added)
            return added

    def add_every_table(self) -> None:
        """Put all that is stored in doubt: Redis may be another one than before, or this process."""
        with self._lock:
            self._last += 1
            self._every_table = self._last
            self._trusted.clear()

    def among(self, names: Sequence[str]) -> Held:
        """Give the doubts about the stamps of a value, of which the table's comes last."""
        is_trusted = self._every_table is None or names[-1] in self._trusted
        if is_trusted and self._numbers.keys().isdisjoint(names):
            return {}  # as nearly always: that needs no lock
        with self._lock:
            held = {name: self._numbers[name] for name in names if name in self._numbers}
            if self._every_table is not None and names[-1] not in self._trusted:
                held.setdefault(names[-1], self._last)
            return held

    def pending(self) -> Held:
        """Give all doubts about single stamps."""
        with self._lock:
            return dict(self._numbers)

    def suspect(self, name: str) -> None:
        """Let the scope of this stamp be compared before it is trusted again."""
        with self._lock:
            self._last += 1
            self._suspects[name] = self._last
            if len(self._suspects) > MOST:
                self._numbers |= {table_stamp(name): self._last for name in self._suspects}
                self._suspects.clear()

    def suspicion(self, name: str) -> int | None:
        """Give the number of the suspicion against this stamp, if there is one."""
        return self._suspects.get(name)

    def clear(self, name: str, suspicion: int | None) -> None:
        """Drop a suspicion, unless it has been renewed since it had this number."""
        if suspicion is None:
            return
        with self._lock:
            if self._suspects.get(name) == suspicion:
                del self._suspects[name]

    def settle(self, held: Held) -> None:
        """Forget these doubts, for their stamps have been moved."""
        with self._lock:
            for name, number in held.items():
                if self._until.get(name, 0) > monotonic():
                    continue
                if self._numbers.get(name) == number:
                    del self._numbers[name]
                    self._until.pop(name, None)
                if self._every_table is not None and number >= self._every_table and _is_table(name):
                    self._trusted.add(name)


def _is_table(name: str) -> bool:
    return name == table_stamp(name)
