"""Lets go of old analyses, in bounded transactions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from faceitbot.core import clock
from faceitbot.core.cache import invalidate_table
from faceitbot.core.transactions import long_query, query, transactional
from faceitbot.core.values import whole
from matches.keeping import kept_by
from matches.models import MatchAnalysis
from matches.models.statuses import OVER

JOB_SECONDS = 900.0
MAX_DAYS = 3_650
PEOPLE = 500  # whose analyses are looked at together

# What is analysed again meanwhile is not old any more, and is looked at once more under its lock.
_DELETE = """
WITH kept AS (
    SELECT * FROM unnest(%(people)s::uuid[], %(numbers)s::int[]) AS kept (user_id, number)
), ranked AS (
    SELECT id, status, analysed_at, number,
        row_number() OVER (PARTITION BY user_id ORDER BY analysed_at DESC, id) AS place
    FROM match_analyses JOIN kept USING (user_id)
), locked AS (
    SELECT old.id FROM match_analyses AS old JOIN ranked USING (id)
    WHERE place > number AND old.status = ANY(%(over)s) AND old.analysed_at < %(before)s
    ORDER BY old.id FOR UPDATE OF old SKIP LOCKED
)
DELETE FROM match_analyses USING locked WHERE match_analyses.id = locked.id
"""


@contextmanager
def rolled_back(dry_run: bool) -> Iterator[None]:
    """Undo what a block has written, for a dry run."""
    with transaction.atomic():
        yield
        if dry_run:
            transaction.set_rollback(True)


class PruningMethods:
    """What is kept of users' histories."""

    @long_query(budget_seconds=JOB_SECONDS)
    def cleanup_old_analyses(
        self, days_old: int = 30, *, dry_run: bool = False, now: datetime | None = None
    ) -> int:
        """Delete analyses made so long ago of matches that are over; give how many there were.

        Each user keeps his newest, as many as `matches_history` of the tier in force says. A dry run does
        the same and rolls it back.
        """
        moment = clock.now() if now is None else clock.aware(now)
        before = moment - timedelta(days=whole("days_old", days_old, 1, MAX_DAYS))
        deleted, last = 0, None
        while people := self._people_with_old.blocking(before, last):
            deleted += self._delete_of.blocking(people, before, moment, dry_run=dry_run)
            last = people[-1]
        return deleted

    @query
    def _people_with_old(self, before: datetime, after: UUID | None) -> list[UUID]:
        rows = MatchAnalysis.objects.filter(analysed_at__lt=before, status__in=OVER)
        if after is not None:
            rows = rows.filter(user_id__gt=after)
        return list(rows.order_by("user_id").values_list("user_id", flat=True).distinct()[:PEOPLE])

    @transactional(budget_seconds=60.0)
    def _delete_of(self, people: Sequence[UUID], before: datetime, now: datetime, *, dry_run: bool) -> int:
        kept = kept_by(people, now)
        parameters: dict[str, Any] = {
            "people": [*kept],
            "numbers": [*kept.values()],
            "over": [status.value for status in OVER],
            "before": before,
        }
        with rolled_back(dry_run), connection.cursor() as cursor:
            cursor.execute(_DELETE, parameters)
            deleted = int(cursor.rowcount)
            if deleted:
                invalidate_table(MatchAnalysis._meta.db_table)
        return deleted
