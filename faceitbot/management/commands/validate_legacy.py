"""`manage.py validate_legacy FILE`: what an import would say of the old bot's data file. No database."""

import sys
from argparse import ArgumentParser
from datetime import tzinfo
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from faceitbot.core.command_ends import Sentences, exit_codes
from faceitbot.core.exit_codes import DONE_WITH_REFUSALS
from faceitbot.core.progress import stages
from faceitbot.legacy.deciding import decide_file
from faceitbot.legacy.decisions import Decisions
from faceitbot.legacy.errors import LegacyFileRefused
from faceitbot.legacy.report import MAX_PRINTED, lines_of
from faceitbot.management.legacy_arguments import add_naive_zone, refuse_irregular

_SENTENCES = Sentences("The file cannot be imported")


class Command(BaseCommand):
    help = (
        "Read the old bot's data file as an import does, and say what would become of its records; no "
        "database is asked. Exit codes: 0 every record would come in, 1 some would be refused, 2 the file as "
        "a whole would be, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the old bot's data.json")
        add_naive_zone(parser)
        parser.add_argument(
            "--all", action="store_true", help="print every refused record, not the first ones"
        )

    def handle(self, *_args: Any, file: Path, naive_tz: tzinfo, **options: Any) -> None:
        with exit_codes(_SENTENCES, LegacyFileRefused), Decisions() as decisions:
            refuse_irregular(file)
            with file.open("rb") as stream, stages(sys.stderr)("reading", file.stat().st_size) as advance:
                decide_file(stream, naive_tz, decisions, advance)
            most = sys.maxsize if options["all"] else MAX_PRINTED
            for line in lines_of(decisions, "--all prints them", most):
                self.stdout.write(line)
            refused = decisions.refused.total()
            self.stdout.write(
                f"{decisions.records} records: {decisions.users} can be imported, {refused} refused."
            )
        if refused:
            sys.exit(DONE_WITH_REFUSALS)
