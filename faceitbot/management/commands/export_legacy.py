"""`manage.py export_legacy OUT`: writes the users back into the shape of the old bot's data file."""

import sys
from argparse import ArgumentParser
from datetime import tzinfo
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from faceitbot.core.command_ends import Sentences, exit_codes
from faceitbot.core.progress import stages
from faceitbot.legacy_export.exporting import Exported, FileExists, export_file
from faceitbot.management.legacy_arguments import add_naive_zone

_SENTENCES = Sentences("Nothing written")


class Command(BaseCommand):
    help = (
        "Write all users, as they are at one moment, into a file that the old bot can read. "
        "Exit codes: 0 done, 2 nothing written, 3 database unavailable, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "out", type=Path, metavar="OUT", help="the file to write; only its owner may read it"
        )
        add_naive_zone(parser)
        parser.add_argument("--force", action="store_true", help="take the place of a file that is there")

    def handle(self, *_args: Any, out: Path, naive_tz: tzinfo, force: bool, **_options: Any) -> None:
        with exit_codes(_SENTENCES, FileExists):
            exported = export_file(out, naive_tz, stages(sys.stderr), force=force)
        for line in _lines(exported, out):
            self.stdout.write(line)


def _lines(exported: Exported, out: Path) -> list[str]:
    """Say what was written, and what the file has no room for."""
    left = {
        "{} people who were erased are left out.": exported.erased,
        "{} users are blocked here; the file does not say so.": exported.blocked,
        "{} users have access behind a higher tier; the file names that one only.": exported.waiting,
    }
    lines = [sentence.format(count) for sentence, count in left.items() if count]
    return [*lines, f"{exported.users} users written to {out}."]
