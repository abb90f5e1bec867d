"""Keeps the history of imports: one row per run, one per refused record or access to decide on."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from django.db import transaction

from faceitbot.core import clock
from faceitbot.legacy.decisions import Told
from faceitbot.legacy.report import ImportReport
from faceitbot.models import MAX_FILE_NAME, ImportRefusal, ImportRun, ImportState, UndecidedAccess

_ROWS_PER_INSERT = 1000
_Line = TypeVar("_Line", ImportRefusal, UndecidedAccess)


@contextmanager
def recorded(report: ImportReport) -> Iterator[None]:
    """Record the run, and what it says about records, before the first user is written, and how it ends.

    A run whose process was killed stays `running` until the next import, which holds the lock and so knows
    that it has ended.
    """
    run, told = _begin(report), report.decisions.undecided
    try:
        yield
    except KeyboardInterrupt:
        _end(run, report, ImportState.INTERRUPTED, told)
        raise
    _end(run, report, ImportState.DONE, told)


@transaction.atomic
def _begin(report: ImportReport) -> ImportRun:
    ImportRun.objects.filter(state=ImportState.RUNNING).update(state=ImportState.INTERRUPTED)
    run = ImportRun.objects.create(
        file_name=report.file_name[:MAX_FILE_NAME],
        sha256=report.sha256,
        as_of=report.as_of,
        counts=report.counts,
    )
    _keep(ImportRefusal, run, report.decisions.refusals())
    _keep(UndecidedAccess, run, report.decisions.to_decide())
    return run


@transaction.atomic
def _end(run: ImportRun, report: ImportReport, state: ImportState, told: int) -> None:
    run.state = state
    run.counts = report.counts
    run.finished_at = clock.now()
    run.save(update_fields=["state", "counts", "finished_at"])
    # What the database alone could say was found while writing.
    _keep(UndecidedAccess, run, islice(report.decisions.to_decide(), told, None))


def _keep(model: type[_Line], run: ImportRun, listed: Iterator[Told]) -> None:
    while told := list(islice(listed, _ROWS_PER_INSERT)):
        model._default_manager.bulk_create(
            model(
                run=run,
                record=one.place.record,
                line=one.place.line,
                telegram_id=one.telegram_id,
                code=one.code,
                sentence=one.sentence,
            )
            for one in told
        )
