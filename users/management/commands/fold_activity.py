"""Folds old hourly activity into days; run it once a day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.core import exit_codes
from faceitbot.core.errors import InvalidInput, Unavailable
from users.repositories import UserRepository


class Command(BaseCommand):
    """Keeps the activity table small without changing figures by day."""

    help = "Fold hourly activity that is older than some days into days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than-days", type=int, default=90, help="default: 90")

    def handle(self, *, older_than_days: int, **_options: Any) -> None:
        try:
            folded = UserRepository().fold_old_activity.blocking(older_than_days)
        except InvalidInput as error:
            raise CommandError(str(error), returncode=exit_codes.REFUSED) from error
        except Unavailable as error:
            raise CommandError(str(error), returncode=exit_codes.UNAVAILABLE) from error
        self.stdout.write(f"{folded} hourly rows folded into days.")
