"""`manage.py check_integrity`: is what is stored true?"""

import json
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.core import exit_codes
from faceitbot.core.errors import Unavailable
from faceitbot.core.integrity import scan

_SHOWN = 20


class Command(BaseCommand):
    """Reads everything once; writes nothing."""

    help = (
        "Check what must be true of the stored rows beyond constraints. "
        "Exit codes: 0 all true, 1 some row breaks a claim, 3 the database is unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON for machines")

    def handle(self, *, as_json: bool, **_options: Any) -> None:
        try:
            found = dict(scan())
        except Unavailable as error:
            raise CommandError(f"{error}; run it again.", returncode=exit_codes.UNAVAILABLE) from error
        if as_json:
            self.stdout.write(json.dumps({each.name: rows for each, rows in found.items()}, indent=2))
        else:
            for each, rows in found.items():
                self.stdout.write(f"{'broken' if rows else 'true  '}  {each.name}: {each.claim}")
                for row in islice(rows, _SHOWN):
                    self.stdout.write(f"          {row}")
                if len(rows) > _SHOWN:
                    self.stdout.write(f"          and {len(rows) - _SHOWN} more")
        broken = sum(1 for rows in found.values() if rows)
        if broken:
            raise CommandError(
                f"{broken} of {len(found)} claims do not hold.", returncode=exit_codes.DONE_WITH_REFUSALS
            )
