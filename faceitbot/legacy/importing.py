"""The import as a whole: read and decide everything, then write, and keep the history."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from faceitbot.core import clock
from faceitbot.core.progress import Stages
from faceitbot.legacy.choosing import Choice
from faceitbot.legacy.deciding import decide_file
from faceitbot.legacy.decisions import Decisions
from faceitbot.legacy.errors import RecordsRefused
from faceitbot.legacy.file_time import file_time
from faceitbot.legacy.history import recorded
from faceitbot.legacy.one_at_a_time import only_import
from faceitbot.legacy.rehearsal import rehearsed
from faceitbot.legacy.report import ImportReport
from faceitbot.legacy.writing import Written, write_decisions

BATCH_SIZE = 2000


@dataclass(frozen=True)
class ImportOrder:
    """What to import and how; without `as_of` the file's own dates must tell its time.

    A `strict` one takes all records or none; with a `choice` only some are asked for.
    """

    path: Path
    naive_zone: tzinfo
    as_of: datetime | None = None
    dry_run: bool = False
    strict: bool = False
    choice: Choice | None = None
    batch_size: int = BATCH_SIZE


@contextmanager
def import_legacy(order: ImportOrder, stages: Stages) -> Iterator[ImportReport]:
    """Import the file; give the report, whose single records can be read within the block.

    A dry run does the same work on copies of the tables.
    Errors: `LegacyFileRefused`, `RecordsRefused`, `FileTimeUnknown`, `ImportRunning`, `OSError`: nothing is
    written then.
    """
    with only_import(), Decisions() as decisions:
        with order.path.open("rb") as file, stages("reading", order.path.stat().st_size) as advance:
            sha256 = decide_file(file, order.naive_zone, decisions, advance, order.choice)
        if order.strict:
            _refuse_refusals(decisions)
        as_of = order.as_of or _file_time(order.path, decisions)
        report = ImportReport(_printable(order.path.name), sha256, as_of, order.dry_run, Written(), decisions)
        with rehearsed() if order.dry_run else nullcontext(), recorded(report):
            write_decisions(decisions, as_of, order.batch_size, report.written, stages)
        yield report


def _refuse_refusals(decisions: Decisions) -> None:
    for first in decisions.refusals():
        raise RecordsRefused(decisions.refused.total(), first.sentence)


def _printable(name: str) -> str:
    """Give a file's name as text that can be stored, also when its bytes are no UTF-8."""
    return os.fsencode(name).decode(errors="replace")


def _file_time(path: Path, decisions: Decisions) -> datetime:
    now = clock.now()
    modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return file_time(decisions.newest_date(until=now), modified, now)
