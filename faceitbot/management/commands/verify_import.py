"""`manage.py verify_import FILE`: is what the old bot's data file says in the database?"""

import json
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from faceitbot.core.command_ends import Sentences, exit_codes
from faceitbot.core.exit_codes import REFUSED
from faceitbot.core.progress import stages
from faceitbot.legacy_check.checking import CheckOrder, FileTimeNotKnown, Finding, Tell, check_file, lines_of
from faceitbot.legacy_check.expecting import moment_of
from faceitbot.legacy_check.reading import FileUnreadable
from faceitbot.management.legacy_arguments import add_naive_zone, refuse_irregular, refuse_report_over_data

FOUND_FAULTY = 1
MOST_PRINTED = 20
_SENTENCES = Sentences("Nothing compared")


class Command(BaseCommand):
    help = (
        "Compare every record of the old bot's data file with the database, field by field; changes nothing. "
        "Exit codes: 0 all is there, 1 something is missing or wrong, 2 the file cannot be compared, "
        "3 database unavailable, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the old bot's data.json")
        add_naive_zone(parser)
        parser.add_argument(
            "--as-of",
            metavar="TIME",
            help="when the old bot wrote the file last (default: what the last import of this file went by)",
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="write all findings as JSON, one to a line"
        )

    def handle(self, *_args: Any, file: Path, naive_tz: tzinfo, **options: Any) -> None:
        refuse_irregular(file)
        with exit_codes(_SENTENCES, FileUnreadable, FileTimeNotKnown), ExitStack() as opened:
            order = CheckOrder(file, naive_tz, _as_of(options["as_of"], naive_tz))
            tellers = [self._printing()]
            if options["report"]:
                refuse_report_over_data(file, options["report"])
                tellers.append(
                    _reporting(opened.enter_context(options["report"].open("w", encoding="utf-8")))
                )
            advance = opened.enter_context(stages(sys.stderr)("comparing", file.stat().st_size))
            totals = check_file(order, tellers, advance)
        for line in lines_of(totals):
            self.stdout.write(line)
        if totals.faulty:
            sys.exit(FOUND_FAULTY)

    def _printing(self) -> Tell:
        left = MOST_PRINTED

        def tell(finding: Finding) -> None:
            nonlocal left
            if left > 0:
                self.stdout.write(finding.sentence)
            elif left == 0:
                self.stdout.write("... and more; --report FILE has them all.")
            left -= 1

        return tell


def _reporting(stream: TextIO) -> Tell:
    return lambda finding: stream.write(f"{json.dumps(finding.as_json(), ensure_ascii=False)}\n")


def _as_of(text: str | None, naive_zone: tzinfo) -> datetime | None:
    if text is None:
        return None
    try:
        return moment_of(text, naive_zone)
    except (ValueError, OverflowError):
        sentence = f"--as-of: {text!r} is not a date such as 2026-11-20T21:00"
        raise CommandError(sentence, returncode=REFUSED) from None
