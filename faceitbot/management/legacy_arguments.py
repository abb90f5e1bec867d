"""What the commands about the old bot's file ask for."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from django.core.management.base import CommandError

from faceitbot.core.exit_codes import REFUSED


def add_naive_zone(parser: ArgumentParser) -> None:
    """Ask for the zone of the old server."""
    parser.add_argument(
        "--naive-tz",
        type=_zone,
        default="Europe/Moscow",
        metavar="ZONE",
        help="the zone of dates without an offset (default: %(default)s)",
    )


def refuse_irregular(file: Path) -> None:
    """Refuse what cannot be read twice."""
    if file.exists() and not file.is_file():
        raise CommandError(f"{file} is not a regular file; save it into one first", returncode=REFUSED)


def refuse_report_over_data(file: Path, report: Path | None) -> None:
    """Refuse a report that would take the place of the data."""
    if report and report.exists() and file.exists() and report.samefile(file):
        raise CommandError(f"--report: {report} is the data file itself", returncode=REFUSED)


def _zone(name: str) -> tzinfo:
    if name not in available_timezones():
        raise ArgumentTypeError(f"{name!r} is not a time zone; write one such as Europe/Moscow")
    return ZoneInfo(name)
