"""`manage.py export_user TELEGRAM_ID`: everything that is held about a person, as one JSON file."""

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.core import exit_codes
from faceitbot.core.errors import InvalidInput, Unavailable
from faceitbot.personal.exporting import export_person


class Command(BaseCommand):
    """Reads only."""

    help = (
        "Write everything that is held about a person as JSON. "
        "Exit codes: 0 done, 2 nothing is held or nothing could be written, 3 database unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("telegram_id", type=int, help="the number by which Telegram knows the person")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="write to this file, which only its owner may read; default: the standard output",
        )

    def handle(self, *, telegram_id: int, output: Path | None, **_options: Any) -> None:
        try:
            held = export_person(telegram_id)
        except InvalidInput as error:
            raise CommandError(str(error), returncode=exit_codes.REFUSED) from error
        except Unavailable as error:
            raise CommandError(str(error), returncode=exit_codes.UNAVAILABLE) from error
        if held is None:
            sentence = f"Nothing is held about user {telegram_id}."
            raise CommandError(sentence, returncode=exit_codes.REFUSED)
        text = json.dumps(held, ensure_ascii=False, indent=1)
        if output is None:
            self.stdout.write(text)
            return
        try:
            _write(output, text)
        except OSError as error:
            sentence = f"{output}: {error.strerror}."
            raise CommandError(sentence, returncode=exit_codes.REFUSED) from error
        self.stdout.write(f"{sum(map(len, held['held'].values()))} rows written to {output}.")


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner may read; it is there whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(f"{text}\n")
    unfinished.replace(path)
