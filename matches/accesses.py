"""Counts how often stored matches are asked for, in memory; they are added up in the database now and then.

A read must not cost a write. So each process keeps its counts, and a look-up ten seconds after the first of
them, or the one that counts the thousandth match, has them written in one statement; so has the end of the
process. What could not be written is tried again after ten seconds, however much it is: while the database is
away, look-ups must not fill the queue with attempts. What a killed process has counted since is lost: it is a
figure for staff, nothing is decided by it.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from faceitbot.core import clock

WRITTEN_AFTER_SECONDS = 10.0
WRITTEN_AT = 1_000  # matches
MOST_MATCHES = 10_000  # of which counts are kept while the database is away

# Rows are locked in the order of their keys, as everywhere. A match whose row has gone was asked for all the
# same: the day knows of it.
_ADD_UP = """
WITH given AS (
    SELECT * FROM unnest(%(match_ids)s::text[], %(counts)s::bigint[], %(moments)s::timestamptz[])
        AS given (match_id, number, moment)
), locked AS (
    SELECT id FROM match_cache WHERE match_id = ANY(%(match_ids)s::text[]) ORDER BY id FOR NO KEY UPDATE
), day AS (
    INSERT INTO match_cache_use AS old (day, hits, misses) VALUES (%(day)s, %(hits)s, %(misses)s)
    ON CONFLICT (day) DO UPDATE SET hits = old.hits + excluded.hits, misses = old.misses + excluded.misses
)
UPDATE match_cache AS old SET
    access_count = old.access_count + given.number,
    last_accessed_at = greatest(old.last_accessed_at, given.moment)
FROM locked, given
WHERE old.id = locked.id AND old.match_id = given.match_id
"""


@dataclass
class Counts:
    """How often look-ups found a stored match, which, and when last; and how often there was none."""

    hits: int = 0
    misses: int = 0
    matches: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.hits or self.misses)

    def add(self, match_id: str, number: int, moment: datetime) -> None:
        """Count look-ups that found this match; of a new one too many only that there were some."""
        self.hits += number
        before, latest = self.matches.get(match_id, (0, moment))
        if before or len(self.matches) < MOST_MATCHES:
            self.matches[match_id] = before + number, max(latest, moment)

    def add_all(self, others: "Counts") -> None:
        """Take in other counts."""
        self.misses += others.misses
        self.hits += others.hits - sum(number for number, _moment in others.matches.values())
        for match_id, (number, moment) in others.matches.items():
            self.add(match_id, number, moment)


class Accesses:
    """The counts of this process that are not written yet."""

    def __init__(self) -> None:
        self._counts = Counts()
        self._due_at: float | None = None
        self._lock = threading.Lock()

    def note(self, match_id: str | None, now: float | None = None) -> bool:
        """Count a look-up, None for one that found nothing; say whether it is time to write.

        `now` is in seconds of the monotonic clock.
        """
        moment = time.monotonic() if now is None else now
        with self._lock:
            before = len(self._counts.matches)
            if match_id is None:
                self._counts.misses += 1
            else:
                self._counts.add(match_id, 1, clock.now())
            if self._due_at is None:
                self._due_at = moment + WRITTEN_AFTER_SECONDS
            if before < WRITTEN_AT <= len(self._counts.matches):
                self._due_at = moment
            if moment < self._due_at:
                return False
            self._due_at = moment + WRITTEN_AFTER_SECONDS
            return True

    def take(self) -> Counts:
        """Give all counts and begin anew."""
        with self._lock:
            taken, self._counts, self._due_at = self._counts, Counts(), None
            return taken

    def put_back(self, counts: Counts) -> None:
        """Keep counts that could not be written."""
        with self._lock:
            self._counts.add_all(counts)

    def snapshot(self) -> Counts:
        """Give a copy of the counts, which stay."""
        with self._lock:
            return Counts(self._counts.hits, self._counts.misses, dict(self._counts.matches))


accesses = Accesses()


def add_up(counts: Counts) -> int:
    """Write counts in one statement; give how many rows it changed."""
    parameters: dict[str, Any] = {
        "match_ids": [*counts.matches],
        "counts": [number for number, _moment in counts.matches.values()],
        "moments": [moment for _number, moment in counts.matches.values()],
        "day": clock.now().date(),
        "hits": counts.hits,
        "misses": counts.misses,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD_UP, parameters)
        return int(cursor.rowcount)
