"""`manage.py clear_cache [ALIAS]`: removes what the caches hold, and nothing else."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.core import exit_codes
from faceitbot.core.cache import maintenance
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.state import CacheUnavailable


class Command(BaseCommand):
    """Safe at any time: the next readers ask the database. Whatever else lies in that Redis stays."""

    help = (
        "Remove all that the caches hold, or one of them. Safe at any time. "
        "Exit codes: 0 done, 2 no such cache, 3 Redis unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("alias", nargs="?", choices=ALIASES, help="default: all of them")

    def handle(self, *, alias: str | None, **_options: Any) -> None:
        for each in [alias] if alias else ALIASES:
            try:
                values = maintenance.clear(each)
            except CacheUnavailable as error:
                sentence = f"{each} was not cleared to its end, for Redis failed: {error}"
                raise CommandError(sentence, returncode=exit_codes.UNAVAILABLE) from error
            self.stdout.write(f"{each}: {values:,} {'value' if values == 1 else 'values'} removed.")
