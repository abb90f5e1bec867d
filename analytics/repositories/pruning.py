"""What is kept of metrics."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q, Value

from analytics.models import Metric
from analytics.moments import moment_of
from analytics.rollups.counts import COUNTS
from analytics.rollups.leaving import rows_are_deleted
from analytics.rollups.reading import History
from analytics.sources import EVENTS, FAILURES
from faceitbot.core.statements.parameters import Among
from faceitbot.core.transactions import long_query, transactional
from faceitbot.core.values import whole

JOB_SECONDS = 3600.0
BATCH = 10_000
MAX_DAYS = 3650
METRICS = (EVENTS, FAILURES)
_OLDEST = "SELECT id FROM metrics WHERE timestamp < %(before)s ORDER BY timestamp LIMIT %(batch)s FOR UPDATE"
_DELETE = "DELETE FROM metrics WHERE id = ANY(%(ids)s)"


def _summed_up_until() -> list[datetime]:
    marks = History.read().marks.items()
    return [until for (name, _span), until in marks if name in COUNTS and COUNTS[name].source in METRICS]


class PruningMethods:
    """The oldest metrics go; the sums of their hours and days stay, and take in what comes late for them."""

    @long_query(budget_seconds=JOB_SECONDS)
    def cleanup_old_metrics(
        self, days_old: int = 90, *, dry_run: bool = False, now: datetime | None = None
    ) -> int:
        """Delete metrics of so many days ago; give how many there were.

        What is still to be summed up stays, wherever metrics are summed up at all. In batches, each of them a
        transaction; a dry run only counts.
        """
        moment = moment_of(now)
        before = min([moment - timedelta(days=whole("days_old", days_old, 1, MAX_DAYS)), *_summed_up_until()])
        if dry_run:
            return Metric.objects.filter(timestamp__lt=before).count()
        deleted = 0
        while gone := self._delete_oldest.blocking(before):
            deleted += gone
        return deleted

    @transactional(budget_seconds=60.0)
    def _delete_oldest(self, before: datetime) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_OLDEST, {"before": before, "batch": BATCH})
            ids = [each for (each,) in cursor.fetchall()]
            if ids:
                rows_are_deleted(EVENTS.name, Q(Among(F("pk"), Value(ids))))
                cursor.execute(_DELETE, {"ids": ids})
            return len(ids)
