"""`manage.py import_faceit FILE_OR_FOLDER...`: brings saved bodies of FACEIT into the database."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from faceitbot.core.errors import FaceitBotError
from faceitbot.core.exit_codes import DONE_WITH_REFUSALS, INTERRUPTED, REFUSED, UNAVAILABLE
from faceitbot.core.progress import stages
from faceitbot.faceit_files.importing import import_files


class Command(BaseCommand):
    help = (
        "Bring saved answers of FACEIT's Data API into the tables of matches and statistics. Running it "
        "again changes nothing. Exit codes: 0 done, 1 done with refused files, 2 a path is not there and "
        "nothing was written, 3 database unavailable, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER", help="of a folder, every .json below"
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything, then roll it back")

    def handle(self, *_args: Any, paths: list[Path], dry_run: bool, **_options: Any) -> None:
        try:
            report = import_files(paths, stages(sys.stderr), dry_run=dry_run)
        except KeyboardInterrupt:
            raise CommandError("Interrupted; run it again to finish.", returncode=INTERRUPTED) from None
        except FaceitBotError as error:
            raise CommandError(
                f"Stopped: {error}; run it again to finish.", returncode=UNAVAILABLE
            ) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.", returncode=REFUSED) from error
        for line in report.lines():
            self.stdout.write(line)
        if report.refused:
            sys.exit(DONE_WITH_REFUSALS)
