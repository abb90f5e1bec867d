"""Keeps the history of imports: one row per run, one per refused record."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from django.db import transaction

from faceitbot.core import clock
from faceitbot.legacy.decisions import Told
from faceitbot.legacy.report import ImportReport
from faceitbot.models import MAX_FILE_NAME, ImportRefusal, ImportRun, ImportState

_ROWS_PER_INSERT = 1000


@contextmanager
def recorded(report: ImportReport) -> Iterator[None]:
    """Record the run with its refused records before the first user is written, and how it ends.

    A run whose process was killed stays `running` until the next import, which holds the lock and so knows
    that it has ended.
    """
    run = _begin(report)
    try:
        yield
    except KeyboardInterrupt:
        _end(run, report, ImportState.INTERRUPTED)
        raise
    _end(run, report, ImportState.DONE)


@transaction.atomic
def _begin(report: ImportReport) -> ImportRun:
    ImportRun.objects.filter(state=ImportState.RUNNING).update(state=ImportState.INTERRUPTED)
    run = ImportRun.objects.create(
        file_name=report.file_name[:MAX_FILE_NAME],
        sha256=report.sha256,
        as_of=report.as_of,
        counts=report.counts,
    )
    refusals = report.decisions.refusals()
    while told := list(islice(refusals, _ROWS_PER_INSERT)):
        ImportRefusal.objects.bulk_create(_refusal(run, one) for one in told)
    return run


def _end(run: ImportRun, report: ImportReport, state: ImportState) -> None:
    run.state = state
    run.counts = report.counts
    run.finished_at = clock.now()
    run.save(update_fields=["state", "counts", "finished_at"])


def _refusal(run: ImportRun, told: Told) -> ImportRefusal:
    return ImportRefusal(
        run=run,
        record=told.place.record,
        line=told.place.line,
        telegram_id=told.telegram_id,
        code=told.code,
        sentence=told.sentence,
    )
