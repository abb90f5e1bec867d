"""`manage.py import_legacy FILE`: brings the old bot's data file into the database."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from faceitbot.core import clock
from faceitbot.core.command_ends import Sentences, exit_codes
from faceitbot.core.exit_codes import DONE_WITH_REFUSALS, REFUSED
from faceitbot.core.progress import stages
from faceitbot.legacy.choosing import ChoiceUnreadable, read_choice
from faceitbot.legacy.dates import read_date
from faceitbot.legacy.errors import FileTimeUnknown, ImportRunning, LegacyFileRefused, RecordsRefused
from faceitbot.legacy.importing import BATCH_SIZE, ImportOrder, import_legacy
from faceitbot.legacy.report import ImportReport
from faceitbot.management.legacy_arguments import add_naive_zone, refuse_irregular, refuse_report_over_data
from users.models import User

MAX_BATCH_SIZE = 100_000
_SENTENCES = Sentences("Nothing imported", "run it again to finish")
_REFUSALS = (LegacyFileRefused, RecordsRefused, FileTimeUnknown, ImportRunning, ChoiceUnreadable)


class Command(BaseCommand):
    help = (
        "Bring the old bot's data file into the database: users, access, referrals. Running it again changes "
        "nothing. Exit codes: 0 done, 1 done with refused records, 2 refused as a whole and nothing written, "
        "3 database unavailable, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the old bot's data.json")
        add_naive_zone(parser)
        parser.add_argument(
            "--as-of",
            metavar="TIME",
            help="when the old bot wrote the file last; users that changed here later are left alone",
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything on copies of the tables")
        parser.add_argument(
            "--batch-size",
            type=_batch_size,
            default=BATCH_SIZE,
            metavar="N",
            help="users per transaction (default: %(default)s)",
        )
        parser.add_argument(
            "--strict", action="store_true", help="take all records or, if any is refused, none"
        )
        parser.add_argument(
            "--only",
            metavar="ID[,ID]|@REPORT",
            help="take only these users, or what the report of an earlier import lists to be put right",
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the whole report as JSON")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are users already")

    def handle(self, *_args: Any, **options: Any) -> None:
        with exit_codes(_SENTENCES, *_REFUSALS):
            refuse_irregular(options["file"])
            refuse_report_over_data(options["file"], options["report"])
            if options["if_empty"] and User.objects.exists():
                self.stdout.write("There are users already; nothing imported.")
                return
            order = ImportOrder(
                path=options["file"],
                naive_zone=options["naive_tz"],
                as_of=_as_of(options["as_of"], options["naive_tz"]),
                dry_run=options["dry_run"],
                strict=options["strict"],
                choice=read_choice(options["only"]) if options["only"] else None,
                batch_size=options["batch_size"],
            )
            refused = self._import(order, options["report"])
        if refused:
            sys.exit(DONE_WITH_REFUSALS)

    def _import(self, order: ImportOrder, report_file: Path | None) -> int:
        with _begun(report_file), import_legacy(order, stages(sys.stderr)) as report:
            for line in report.lines():
                self.stdout.write(line)
            if report_file:
                self._write_report(report, report_file)
            return report.decisions.refused.total()

    def _write_report(self, report: ImportReport, path: Path) -> None:
        try:
            with _unfinished(path).open("w", encoding="utf-8") as stream:
                report.write_json(stream)
            _unfinished(path).replace(path)
        except OSError as error:
            sentence = f"The import is done, but its report is not: {path}: {error.strerror}."
            raise CommandError(sentence, returncode=DONE_WITH_REFUSALS) from error


@contextmanager
def _begun(report: Path | None) -> Iterator[None]:
    """Find out before the import that a report cannot be written; leave no half of one behind."""
    if report is None:
        yield
        return
    try:
        _unfinished(report).touch()
    except OSError as error:
        raise CommandError(f"{report}: {error.strerror}.", returncode=REFUSED) from error
    try:
        yield
    finally:
        _unfinished(report).unlink(missing_ok=True)


def _unfinished(report: Path) -> Path:
    return report.with_name(f"{report.name}.unfinished")


def _batch_size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_BATCH_SIZE):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {MAX_BATCH_SIZE}")
    return int(text)


def _as_of(text: str | None, naive_zone: tzinfo) -> datetime | None:
    if text is None:
        return None
    moment = read_date(text, naive_zone)
    if moment is None:
        raise CommandError(f"--as-of: {text!r} is not a date such as 2026-11-20T21:00", returncode=REFUSED)
    if moment > clock.now():
        raise CommandError(f"--as-of: {text} lies in the future", returncode=REFUSED)
    return moment
