"""`manage.py prune_matches`: lets go of old analyses and of stored matches; run it once a day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.core import exit_codes
from faceitbot.core.errors import InvalidInput, Unavailable
from matches.repositories import MatchCacheRepository, MatchRepository


class Command(BaseCommand):
    """Works in batches; what is left when it is stopped is done the next time."""

    help = (
        "Delete analyses of matches that are over, made so many days ago, but for the newest of each user "
        "(as many as his plan keeps), and matches that are stored past their time. "
        "Exit codes: 0 done, 2 wrong number of days, 3 database unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="age of the analyses; default: %(default)s")
        parser.add_argument("--dry-run", action="store_true", help="do everything, then roll it back")

    def handle(self, *, days: int, dry_run: bool, **_options: Any) -> None:
        try:
            analyses = MatchRepository().cleanup_old_analyses.blocking(days, dry_run=dry_run)
            bodies = MatchCacheRepository().cleanup_expired_cache.blocking(dry_run=dry_run)
        except InvalidInput as error:
            raise CommandError(f"{error}.", returncode=exit_codes.REFUSED) from error
        except Unavailable as error:
            raise CommandError(f"{error}; run it again.", returncode=exit_codes.UNAVAILABLE) from error
        done = f"{analyses} analyses and {bodies} stored matches deleted."
        self.stdout.write(f"Dry run, nothing written: {done}" if dry_run else done)
