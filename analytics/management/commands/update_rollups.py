"""`manage.py update_rollups`: sums up the hours and days that are over; run it every ten minutes."""

import sys
from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.errors import AlreadyRunning
from analytics.repositories import RollUpRepository
from faceitbot.core import clock
from faceitbot.core.command_ends import Sentences, exit_codes
from faceitbot.core.errors import InvalidInput
from faceitbot.core.exit_codes import REFUSED
from faceitbot.core.progress import stages


class Command(BaseCommand):
    help = (
        "Sum up the hours and days that are over and have not been, and make anew what something came late "
        "for. Killed or run again, it goes on where it was; a second one at the same time does nothing. "
        "With --from, the sums of those days are made anew first, in turn with whoever is at it. "
        "Exit codes: 0 done, 2 wrong options, 3 database unavailable, or days not all made anew, "
        "130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from", dest="first", type=_day, metavar="DAY", help="make days anew: the first"
        )
        parser.add_argument(
            "--until", dest="last", type=_day, metavar="DAY", help="go no further than this day"
        )
        parser.add_argument(
            "--redo",
            action="store_true",
            help="with --from: replace sums by what the rows say today, also where rows have been deleted",
        )

    def handle(self, *, first: date | None, last: date | None, redo: bool, **_options: Any) -> None:
        if redo and first is None:
            raise CommandError("--redo needs --from: what is it to replace?", returncode=REFUSED)
        end = clock.start_of_day(last + timedelta(days=1)) if last else None
        sums, shown = RollUpRepository(), stages(sys.stderr)
        with exit_codes(Sentences("Nothing was summed up", "run it again to finish"), InvalidInput):
            if first:
                start = clock.start_of_day(first)
                sums.redo_roll_ups.blocking(start, end or clock.now(), replace=redo, stages=shown)
            try:
                report = sums.update_roll_ups.blocking(until=end, stages=shown)
            except AlreadyRunning:
                self.stdout.write("Another process is at it.")
                return
        until = report.until.astimezone(clock.bot_zone())
        self.stdout.write(f"Summed up until {until:%Y-%m-%d %H:%M %Z}; {report.late_hours} hours made anew.")


def _day(text: str) -> date:
    """Read a day, as argparse wants it read."""
    return date.fromisoformat(text)
