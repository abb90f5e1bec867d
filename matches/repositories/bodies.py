"""Bodies of FACEIT that are good for a while."""

import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection

from faceitbot.core import cache, clock, workers
from faceitbot.core.errors import InvalidInput, Unavailable
from faceitbot.core.figures import percentage
from faceitbot.core.ids import faceit_id
from faceitbot.core.json_values import clean_json
from faceitbot.core.repository import BaseRepository
from faceitbot.core.statements import Now, one_row
from faceitbot.core.transactions import long_query, query, transactional
from faceitbot.core.values import whole
from matches.accesses import accesses, add_up
from matches.models import MatchCache, MatchCacheUse
from matches.models.statuses import OVER
from matches.repositories.pruning import JOB_SECONDS, rolled_back
from matches.upserting import parameters_of

MAX_TTL_MINUTES = 60 * 24 * 30
RATE_DAYS = 30  # over which `cache_hit_rate` is taken
USE_KEPT_DAYS = 90
BATCH = 1_000
_OVER = [status.value for status in OVER]
_MOST_ACCESSED = 10
log = structlog.get_logger(__name__)

# Statistics that are good still outlive a body that brings none. Where `ends_stay`, a body of a match that is
# over outlives one that does not know of that.
_UPSERT = """
INSERT INTO match_cache AS old ({columns}) VALUES ({values})
ON CONFLICT (match_id) DO UPDATE SET
    match_data = CASE
        WHEN %(ends_stay)s AND {old_is_over} AND NOT {new_is_over} THEN old.match_data
        ELSE excluded.match_data
    END,
    match_stats = coalesce(
        excluded.match_stats, CASE WHEN old.expires_at > excluded.updated_at THEN old.match_stats END
    ),
    expires_at = excluded.expires_at,
    updated_at = excluded.updated_at
RETURNING old.*
"""
_IS_OVER = "coalesce(lower({0}.match_data ->> 'status') = ANY(%(over)s), false)"
_EXPIRE_OPEN = f"""
UPDATE match_cache SET expires_at = %(now)s
WHERE match_id = %(match_id)s AND expires_at > %(now)s AND NOT {_IS_OVER.format("match_cache")}
RETURNING *
"""
# With the counts of this process that are not written yet.
_COUNTED = """
WITH counted AS (
    SELECT match_id, expires_at, access_count + coalesce(number, 0) AS access_count
    FROM match_cache LEFT JOIN unnest(%(match_ids)s::text[], %(counts)s::bigint[])
        AS pending (match_id, number) USING (match_id)
)
"""
_TOTALS = f"""{_COUNTED}
SELECT count(*), count(*) FILTER (WHERE expires_at > %(now)s), coalesce(sum(access_count), 0)::bigint
FROM counted
"""
_TOP = f"""{_COUNTED}
SELECT match_id, access_count FROM counted WHERE access_count > 0
ORDER BY access_count DESC, match_id LIMIT {_MOST_ACCESSED}
"""
_USE = """
SELECT coalesce(sum(hits), 0)::bigint, coalesce(sum(misses), 0)::bigint
FROM match_cache_use WHERE day > %(since)s
"""
_LIVE = MatchCache.objects.filter(expires_at__gt=Now())


def _match_id(value: object) -> str:
    return faceit_id(value, "match_id")


def _present(match_id: str, now: datetime | None = None) -> str | None:
    return _match_id(match_id) if now is None else None


def _count(row: MatchCache | None) -> None:
    """Count a look-up, and have the counts written when it is time, without waiting for that."""
    if not accesses.note(row.match_id if row else None):
        return
    try:
        workers.workers().submit(write_accesses).add_done_callback(_complain)
    except Unavailable as error:
        log.warning("match_cache.counts_wait", message=str(error))


def _complain(done: "Future[None]") -> None:
    """Log what nobody waits for: an error that is none of ours."""
    error = None if done.cancelled() else done.exception()
    if error is not None:
        log.error("match_cache.counts_failed", exc_info=error)


def write_accesses() -> None:
    """Write the counts of this process, if there are any; those that cannot be written are kept."""
    if not accesses.snapshot():
        return
    try:
        MatchCacheRepository().flush_accesses.blocking()
    except Unavailable as error:
        log.warning("match_cache.counts_wait", message=str(error))


class MatchCacheRepository(BaseRepository[MatchCache]):
    """What FACEIT has said about matches, so that it need not be asked again too soon.

    Errors: `InvalidInput` that names the argument, for every method, before the database is asked.
    """

    model = MatchCache
    fields = frozenset(field.attname for field in MatchCache._meta.concrete_fields) - {
        "match_data",
        "match_stats",
    }
    updatable = frozenset({"match_data", "match_stats", "expires_at"})
    creatable = updatable | {"match_id"}
    required = frozenset({"match_id", "match_data", "expires_at"})
    cache_alias = "match_cache"
    look_ups = {"match_id": str}

    @transactional()
    def cache_match_data(
        self,
        match_id: str,
        match_data: Mapping[str, Any],
        match_stats: Mapping[str, Any] | None = None,
        ttl_minutes: int = 30,
        now: datetime | None = None,
    ) -> MatchCache:
        """Store what FACEIT says about a match, in place of what is there, whether that is good still or not.

        Without `match_stats`, those that are stored and good still stay.
        Errors: `InvalidInput` that names the place, as `match_data.teams.faction1`; 1 MB of each fits.
        """
        return self._store(match_id, match_data, match_stats, ttl_minutes, now, ends_stay=False)

    @transactional()
    def keep_newest_body(
        self, match_id: str, match_data: Mapping[str, Any], ttl_minutes: int = 30, now: datetime | None = None
    ) -> MatchCache:
        """Store what FACEIT says about a match, unless it is over as is stored and this does not know that.

        What is stored is good for as long as the new body would have been. Errors: as `cache_match_data`.
        """
        return self._store(match_id, match_data, None, ttl_minutes, now, ends_stay=True)

    @transactional()
    def expire_open_body(self, match_id: str, now: datetime | None = None) -> bool:
        """Give a stored body no more that does not know that its match is over; say whether there was one."""
        values = {
            "match_id": _match_id(match_id),
            "now": clock.now() if now is None else clock.aware(now),
            "over": _OVER,
        }
        rows = list(MatchCache.objects.raw(_EXPIRE_OPEN, values))
        self._written(self._scopes(*rows))
        return bool(rows)

    def _store(
        self,
        match_id: str,
        match_data: object,
        match_stats: object,
        ttl_minutes: int,
        now: datetime | None,
        *,
        ends_stay: bool,
    ) -> MatchCache:
        match = _match_id(match_id)
        moment = clock.now() if now is None else clock.aware(now)
        minutes = whole("ttl_minutes", ttl_minutes, 1, MAX_TTL_MINUTES)
        row = MatchCache(
            id=uuid.uuid4(),
            match_id=match,
            match_data=_body(match_data, "match_data"),
            match_stats=None if match_stats is None else _body(match_stats, "match_stats"),
            expires_at=moment + timedelta(minutes=minutes),
            created_at=moment,
            updated_at=moment,
        )
        parameters = parameters_of(row)
        statement = _UPSERT.format(
            columns=", ".join(parameters),
            values=", ".join(f"%({name})s" for name in parameters),
            old_is_over=_IS_OVER.format("old"),
            new_is_over=_IS_OVER.format("excluded"),
        )
        stored = MatchCache.objects.raw(statement, {**parameters, "ends_stay": ends_stay, "over": _OVER})[0]
        self._written(self._scopes(stored))
        return stored

    @cache.cache_match_data(by="match_id", clean=_match_id, answered=_count)
    @one_row(by="match_id", key=_present, rows=MatchCache.objects.filter(expires_at__gt=Now()))
    @query
    def get_cached_match(self, match_id: str, now: datetime | None = None) -> MatchCache | None:
        """Give what is stored about a match and good still, or None. Cached: yes, not past `expires_at`.

        Each call is counted, in memory. `access_count` and `last_accessed_at` of the row lag behind: what it
        was counted up to when it was read from the database is served as long as the row is.
        """
        moment = clock.now() if now is None else clock.aware(now)
        return MatchCache.objects.filter(match_id=_match_id(match_id), expires_at__gt=moment).first()

    @transactional()
    def flush_accesses(self) -> int:
        """Write how often stored matches were asked for in this process; give how many rows that changed.

        Cached rows stay as they are: they would go just because somebody asks for them.
        """
        counts = accesses.take()
        written = False
        try:
            rows = add_up(counts) if counts else 0
            written = True
        finally:
            if not written:
                accesses.put_back(counts)
        return rows

    @long_query(budget_seconds=JOB_SECONDS)
    def cleanup_expired_cache(self, *, dry_run: bool = False, now: datetime | None = None) -> int:
        """Delete what is no longer good; give how many matches that were.

        A dry run does the same and rolls it back. Bounded transactions; a row that is being renewed stays.
        """
        moment = clock.now() if now is None else clock.aware(now)
        deleted, last = 0, None
        while keys := self._delete_expired.blocking(moment, last, dry_run=dry_run):
            deleted += len(keys)
            last = keys[-1]
        return deleted

    @cache.cache_stats_data()
    @query
    def get_cache_stats(self, now: datetime | None = None, fresh: bool = False) -> dict[str, Any]:
        """Give {total_entries, active_entries, expired_entries, total_accesses, average_accesses,
        most_accessed [{match_id, access_count}] (10), cache_hit_rate}.

        Units: the hit rate is the percentage of look-ups within the last 30 days (UTC) that found something
        good still. Counts of other processes are added every ten seconds or so.
        Cached: may be STATS_CACHE_SECONDS old unless `fresh`.
        """
        moment = clock.now() if now is None else clock.aware(now)
        pending = accesses.snapshot()
        parameters: dict[str, Any] = {
            "now": moment,
            "since": moment.date() - timedelta(days=RATE_DAYS),
            "match_ids": [*pending.matches],
            "counts": [number for number, _moment in pending.matches.values()],
        }
        with connection.cursor() as cursor:
            cursor.execute(_TOTALS, parameters)
            total, active, asked = cursor.fetchone()
            cursor.execute(_TOP, parameters)
            top = [{"match_id": match_id, "access_count": number} for match_id, number in cursor.fetchall()]
            cursor.execute(_USE, parameters)
            hits, misses = cursor.fetchone()
        hits, misses = hits + pending.hits, misses + pending.misses
        return {
            "total_entries": total,
            "active_entries": active,
            "expired_entries": total - active,
            "total_accesses": asked,
            "average_accesses": round(asked / total, 2) if total else 0.0,
            "most_accessed": top,
            "cache_hit_rate": percentage(hits, hits + misses),
        }

    @transactional()
    def _delete_expired(self, now: datetime, after: uuid.UUID | None, *, dry_run: bool) -> list[uuid.UUID]:
        rows = MatchCache.objects.filter(expires_at__lte=now)
        if after is not None:
            rows = rows.filter(pk__gt=after)
        locked = rows.select_for_update(skip_locked=True).order_by("pk")
        found = list(locked.only("pk", "match_id")[:BATCH])
        keys = [row.pk for row in found]
        with rolled_back(dry_run):
            MatchCache.objects.filter(pk__in=keys).delete()
            MatchCacheUse.objects.filter(day__lt=now.date() - timedelta(days=USE_KEPT_DAYS)).delete()
        if not dry_run:
            self._written(self._scopes(*found))
        return keys


def _body(value: object, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} must be a mapping, not {type(value).__name__}", field=name)
    return clean_json(value, name)
