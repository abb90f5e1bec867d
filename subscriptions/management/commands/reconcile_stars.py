"""`manage.py reconcile_stars DUMP...`: does Telegram's list of Stars agree with the payments?"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from faceitbot.core.errors import InvalidInput, Unavailable
from faceitbot.core.exit_codes import DONE_WITH_REFUSALS, REFUSED, UNAVAILABLE
from subscriptions.payments.stars.reading import Page, read_dump
from subscriptions.repositories import PaymentRepository


class Command(BaseCommand):
    """Reads every file before it writes anything."""

    help = (
        "Compare answers of getStarTransactions, saved as JSON, with the payments, and record what is "
        "missing. Running it again changes nothing. Exit codes: 0 no difference, 1 differences, 2 a file "
        "cannot be read and nothing was written, 3 database unavailable."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dump", nargs="+", type=Path, help="a page, or a list of pages, as JSON")

    def handle(self, *_args: Any, dump: list[Path], **_options: Any) -> None:
        pages = [_read(path) for path in dump]
        try:
            report = PaymentRepository().reconcile.blocking(pages)
        except (Unavailable, OperationalError, InterfaceError) as error:
            sentence = f"The database is not available: {str(error).splitlines()[0]}"
            raise CommandError(sentence, returncode=UNAVAILABLE) from error
        for line in report.lines():
            self.stdout.write(line)
        if report.differences:
            sys.exit(DONE_WITH_REFUSALS)


def _read(path: Path) -> Page:
    try:
        return read_dump(path.read_bytes(), path.name)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}", returncode=REFUSED) from error
    except InvalidInput as error:
        raise CommandError(str(error), returncode=REFUSED) from error
