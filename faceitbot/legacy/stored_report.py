"""The report of an import that is over, from its history."""

from collections.abc import Iterator
from typing import TextIO

from django.db.models import QuerySet

from faceitbot.legacy.decisions import Place, Told
from faceitbot.legacy.report_json import ACCESS_TO_DECIDE, REFUSED_RECORDS, write_report
from faceitbot.models import ImportRefusal, ImportRun, UndecidedAccess


def write_stored_report(run: ImportRun, stream: TextIO) -> int:
    """Write what `import_legacy --report` wrote, as far as it is kept; give how many records it tells of.

    Kept are the counts, the refused records and those that a person has to decide on; of the other notes
    their numbers alone. What was forgotten of a person since is null or empty.
    """
    head = {
        "file": run.file_name,
        "sha256": run.sha256,
        "as_of": run.as_of.isoformat(),
        "dry_run": False,
        **run.counts,
    }
    lists = (
        (ACCESS_TO_DECIDE, _told(UndecidedAccess.objects.filter(run=run))),
        (REFUSED_RECORDS, _told(ImportRefusal.objects.filter(run=run))),
    )
    return write_report(stream, head, lists)


def _told(rows: QuerySet[ImportRefusal] | QuerySet[UndecidedAccess]) -> Iterator[Told]:
    for row in rows.order_by("record").iterator():
        yield Told(Place(row.record, row.line), row.telegram_id, row.code, row.sentence)
