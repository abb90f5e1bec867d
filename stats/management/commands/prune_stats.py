"""`manage.py prune_stats`: deletes cards that are of no use, and old history; run it once a day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.core import exit_codes
from faceitbot.core.errors import InvalidInput, Unavailable
from stats.repositories import StatsRepository

EXPIRED_FOR_DAYS = 30


class Command(BaseCommand):
    """Works in batches; what is left when it is stopped is done the next time."""

    help = (
        "Delete cards of players that expired some days ago, and what is older than PLAYER_HISTORY_DAYS. "
        "Exit codes: 0 done, 2 refused, 3 database unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="do everything, then roll it back")
        parser.add_argument(
            "--expired-for-days",
            type=int,
            default=EXPIRED_FOR_DAYS,
            help=f"how long an expired card is still shown to staff; default: {EXPIRED_FOR_DAYS}",
        )

    def handle(self, *, dry_run: bool, expired_for_days: int, **_options: Any) -> None:
        repository = StatsRepository()
        try:
            cards = repository.cleanup_expired_stats.blocking(expired_for_days, dry_run=dry_run)
            history = repository.cleanup_old_history.blocking(dry_run=dry_run)
        except InvalidInput as error:
            raise CommandError(str(error), returncode=exit_codes.REFUSED) from error
        except Unavailable as error:
            raise CommandError(f"{error}; run it again.", returncode=exit_codes.UNAVAILABLE) from error
        self.stdout.write(
            f"{'Dry run, nothing deleted: ' if dry_run else ''}"
            f"{cards} expired cards, {history.points} old points, {history.matches} old matches of players."
        )
