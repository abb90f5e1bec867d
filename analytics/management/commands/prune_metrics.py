"""`manage.py prune_metrics`: lets go of old metrics; run it once a day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics.repositories import AnalyticsRepository
from faceitbot.core.command_ends import Sentences, exit_codes
from faceitbot.core.errors import InvalidInput


class Command(BaseCommand):
    """Works in batches; what is left when it is stopped is done the next time."""

    help = (
        "Delete metrics of so many days ago; the sums of their hours and days stay. "
        "Exit codes: 0 done, 2 wrong number of days, 3 database unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=90, help="age of the metrics; default: %(default)s")
        parser.add_argument("--dry-run", action="store_true", help="count them, delete nothing")

    def handle(self, *, days: int, dry_run: bool, **_options: Any) -> None:
        with exit_codes(Sentences("Nothing was deleted"), InvalidInput):
            metrics = AnalyticsRepository().cleanup_old_metrics.blocking(days, dry_run=dry_run)
        done = f"{metrics} metrics deleted."
        self.stdout.write(f"Dry run, nothing written: {done}" if dry_run else done)
