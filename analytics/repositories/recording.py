"""Metrics come in here, and go when they are old."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from analytics import recording
from analytics.metric_rows import MetricRow, given_row, metric_row
from analytics.models import Metric
from analytics.recording_together import Given, record_together, recorded_together
from faceitbot.core.repository import BATCH_SECONDS
from faceitbot.core.statements import tallied
from faceitbot.core.transactions import prepared_transaction, transactional
from faceitbot.core.values import listed


def _given(
    metric_name: str,
    value: float,
    metric_type: str = "counter",
    tags: Mapping[str, str] | None = None,
    timestamp: datetime | None = None,
) -> Given:
    return Given(metric_row(metric_name, value, metric_type, tags, timestamp))


class RecordingMethods:
    """What is recorded by hand; what the apps report by `emit` is recorded by itself."""

    @tallied(record_together, recorded_together, key=_given, in_own_task=True)
    @transactional()
    def record_metric(
        self,
        metric_name: str,
        value: float,
        metric_type: str = "counter",
        tags: Mapping[str, str] | None = None,
        timestamp: datetime | None = None,
    ) -> Metric:
        """Store one metric; without a timestamp it is of this moment.

        Errors: `InvalidInput` for a name that is no word, NaN, infinity, an unknown type, tags that are no
        texts or more than 20, a naive timestamp.
        """
        return Metric.objects.create(**metric_row(metric_name, value, metric_type, tags, timestamp)._asdict())

    @prepared_transaction(budget_seconds=BATCH_SECONDS)
    def record_batch_metrics(self, metrics: Iterable[Mapping[str, Any]]) -> Callable[[], list[Metric]]:
        """Store metrics given as {name, value, type?, tags?, timestamp?, period?}: all of them or none.

        Errors: as `record_metric`; `UnknownField` for another key.
        """
        rows: list[MetricRow] = [given_row(given) for given in listed("metrics", metrics)]
        return lambda: Metric.objects.bulk_create([Metric(**row._asdict()) for row in rows])

    async def record_failure(self, user_id: UUID, kind: str) -> None:
        """Count a request of a user that failed; `kind` says how, as in "faceit" or "timeout".

        Nothing waits: the row is written with the other events of the process, also when the database is
        away now. Threads and commands call `analytics.recording.record_failure`.
        Errors: `InvalidInput` unless the id is a UUID and the kind a text of up to 64 characters.
        """
        recording.record_failure(user_id, kind)
