"""How often each alias served from Redis, and why it did not. Counted in memory, reported by the keeper."""

import threading
from collections import Counter
from collections.abc import Mapping

from faceitbot.core.cache.entry import Why
from faceitbot.core.cache.protocol import Miss

IN_PROCESS, HIT, MISS, STALE = "in_process", "hits", "misses", "stale"
ERROR, BYPASSED, UNDECODABLE, FAILED_MOVES = "errors", "bypassed", "undecodable", "failed_invalidations"
SHARED, REFRESHED = "shared", "refreshed"
HITS = (IN_PROCESS, HIT)
MISSES = (MISS, STALE, UNDECODABLE, BYPASSED)  # of a read that the database had to answer
NAMES = (*HITS, *MISSES, SHARED, REFRESHED, ERROR, FAILED_MOVES)
_WHY = {
    Why.ABSENT: MISS,
    Why.STALE: STALE,
    Why.UNDECODABLE: UNDECODABLE,
    Why.PAST: BYPASSED,
}


class Counters:
    """The counts of one alias in this process.

    Of every read exactly one of `in_process` (this process had just read it), `hits` (Redis had it),
    `misses` (nothing there), `stale` (outdated by a write, or over its time), `undecodable` (what lay there
    is not ours) and `bypassed` (Redis not asked, or no answer) grows. `shared` of them waited for another
    read of the same key; `refreshed` counts hits that had the value loaded anew ahead of its end; `errors`
    are failed commands; `failed_invalidations` are writes that could not tell Redis at once.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._reported: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, name: str, number: int = 1) -> None:
        """Count something."""
        with self._lock:
            self._counts[name] += number

    def add_read(self, miss: Miss | None) -> None:
        """Count a read that Redis was asked for; None for a hit."""
        self.add(HIT if miss is None else _WHY[miss.why])

    def snapshot(self) -> dict[str, int]:
        """Give the counts since the process began."""
        with self._lock:
            return {name: self._counts[name] for name in NAMES}

    def unreported(self) -> dict[str, int]:
        """Give what has been counted since the last report."""
        with self._lock:
            return dict(self._counts - self._reported)

    def mark_reported(self, counts: Mapping[str, int]) -> None:
        """Remember that these counts have been reported."""
        with self._lock:
            self._reported.update(counts)
