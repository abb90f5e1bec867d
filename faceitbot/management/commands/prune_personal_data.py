"""`manage.py prune_personal_data`: forgets what is kept about people for a while; run it once a day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.core import exit_codes
from faceitbot.core.errors import Unavailable
from faceitbot.core.personal import KEPT_FOR
from faceitbot.personal.forgetting import prune_personal_data


class Command(BaseCommand):
    """Works in batches; what is left when it is stopped is done the next time."""

    help = (
        f"Forget payers, their payloads and records that an import refused, {KEPT_FOR.days} days after the "
        "end of the matter. Exit codes: 0 done, 3 database unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="do everything, then roll it back")

    def handle(self, *, dry_run: bool, **_options: Any) -> None:
        try:
            forgotten = prune_personal_data(dry_run=dry_run)
        except Unavailable as error:
            raise CommandError(f"{error}; run it again.", returncode=exit_codes.UNAVAILABLE) from error
        rows = ", ".join(f"{table} {count}" for table, count in sorted(forgotten.items())) or "nothing is due"
        self.stdout.write(f"{'Dry run, nothing written: ' if dry_run else ''}{rows}.")
