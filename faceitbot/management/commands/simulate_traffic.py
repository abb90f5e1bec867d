"""`manage.py simulate_traffic`: invents a bot's users, and makes the calls that the bot would make."""

import logging
import random
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from faceitbot.core import clock, observability
from faceitbot.core.command_ends import Sentences, exit_codes
from faceitbot.core.exit_codes import REFUSED
from faceitbot.core.progress import stages
from faceitbot.simulation import ownership, stars
from faceitbot.simulation.acting import Bot
from faceitbot.simulation.history import Plan
from faceitbot.simulation.population import Population
from faceitbot.simulation.running import Load, Summary, fill
from faceitbot.simulation.traffic import Traffic
from subscriptions.models import Payment

CONSENT = "--yes-this-is-a-test-database"
MOST_DAYS, MOST_TASKS, MOST_A_DAY = 365, 64, 10_000
FOR_EVER = 10**9


class Command(BaseCommand):
    help = (
        "Invent users of a bot who register, have matches analysed, pay, renew and get refunds, by the calls "
        "that a bot makes. With --days, a past; without, the present, until --count or --duration or Ctrl-C. "
        "Only for databases that hold nothing else. Exit codes: 0 done, 2 refused and nothing written, "
        "3 database unavailable, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--seed", type=_number(0, 2**31), default=1, help="the same seed invents the same"
        )
        parser.add_argument(
            "--days", type=_number(1, MOST_DAYS), metavar="N", help="fill so many days up to now"
        )
        parser.add_argument(
            "--registrations",
            type=_number(1, MOST_A_DAY),
            metavar="N",
            help="with --days: who come on a day, on average (default: 30)",
        )
        parser.add_argument("--rate", type=_rate, help="events a second (default: as many as there can be)")
        parser.add_argument("--count", type=_number(1, FOR_EVER), metavar="N", help="stop after N events")
        parser.add_argument("--duration", type=_rate, metavar="SECONDS", help="stop after so long")
        parser.add_argument(
            "--tasks", type=_number(1, MOST_TASKS), default=1, help="calls at the same time (default: 1)"
        )
        parser.add_argument(CONSENT, action="store_true", dest="agreed", help="fill whatever it holds")

    def handle(self, *_args: Any, **options: Any) -> None:
        summary = Summary()
        stopped = exit_codes(Sentences("Nothing was written", "run it again to go on"))
        try:
            with stopped, _stopped_by_signals(), _without_events_in_the_log():
                self._run(summary, options)
        finally:
            if not summary.is_empty:
                self._tell(summary)

    def _run(self, summary: Summary, options: dict[str, Any]) -> None:
        _refuse(options)
        try:
            if options["days"]:
                self._fill(summary, options)
            else:
                _drive(summary, options)
        finally:
            ownership.release()

    def _fill(self, summary: Summary, options: dict[str, Any]) -> None:
        if ownership.is_filled():
            stars.read_list()
            self.stdout.write("There is a history already; nothing was added.")
            return
        population = Population()
        if options["registrations"]:
            population = replace(population, registrations_a_day=options["registrations"])
        plan = Plan(options["seed"], options["days"], clock.now(), population)
        known = ownership.begun_past()
        if not ownership.days_filled() and ownership.people():
            # The past would be lived by people of the same numbers.
            raise CommandError(
                "There are people of a present already, and a past cannot be put before it. Nothing was "
                "written: use an empty database, and fill its past first.",
                returncode=REFUSED,
            )
        if known is None:
            ownership.begin(plan, plan.seed)
        else:
            plan = _continued(known, population)
        stars.read_list()  # so that staff are not told that nobody reads it
        fill(plan, Bot(plan.population), summary, stages(sys.stderr))
        stars.read_list()

    def _tell(self, summary: Summary) -> None:
        for line in summary.lines():
            self.stdout.write(line)


def _continued(known: dict[str, Any], population: Population) -> Plan:
    """Give the plan of a past that was begun: it goes on as it was meant to, whatever is asked for now."""
    population = replace(population, registrations_a_day=known["a_day"])
    return Plan(known["seed"], known["days"], datetime.fromisoformat(known["end"]), population)


def _drive(summary: Summary, options: dict[str, Any]) -> None:
    seed, count, seconds, population = options["seed"], options["count"], options["duration"], Population()
    if ownership.begun_past() is not None and not ownership.is_filled():
        raise CommandError(
            "The past of this database is not complete; nothing was written. Run the command with --days "
            "first: it goes on where it stopped.",
            returncode=REFUSED,
        )
    if not ownership.is_begun():
        ownership.begin(None, seed)
    people = ownership.people()
    # Run again, it invents something else: charges of Telegram's are never the same.
    dice = random.Random(f"{seed} traffic {people} {Payment.objects.count()}")  # noqa: S311
    events = Traffic(seed, population, people, dice).events(clock.now)
    load = Load(Bot(population), summary, tasks=options["tasks"], rate=options["rate"])
    if count is None and seconds is None:  # there is nothing that progress could be measured by
        load.run(events, lambda _done: None, count=None, seconds=None)
        return
    with stages(sys.stderr)("traffic", count or int(seconds)) as advance:
        load.run(events, advance, count=count, seconds=seconds)


def _refuse(options: dict[str, Any]) -> None:
    """Refuse options that do not go together, a database of somebody's, and a second simulation."""
    if options["days"] and (options["rate"] or options["count"] or options["duration"]):
        raise CommandError(
            "--days fills the past as fast as it goes; --rate, --count and --duration are of the present. "
            "Run the command twice.",
            returncode=REFUSED,
        )
    if options["registrations"] and not options["days"]:
        raise CommandError("--registrations needs --days.", returncode=REFUSED)
    foreign = {} if options["agreed"] else ownership.foreign_rows()
    if foreign:
        held = ", ".join(f"{number} {what}" for what, number in foreign.items())
        raise CommandError(
            f"This database holds what no simulation has made: {held}. Nothing was written. Simulated "
            f"payments can never be deleted: use an empty database, or say {CONSENT}.",
            returncode=REFUSED,
        )
    if not ownership.hold():
        raise CommandError(
            "Another simulation is at work in this database; nothing was written.", returncode=REFUSED
        )


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _without_events_in_the_log() -> Iterator[None]:
    """Keep the lines of thousands of invented events out of the log: progress would not be seen for them."""
    log = logging.getLogger(observability.__name__)
    before = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(before)


def _number(least: int, most: int) -> Any:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            raise ArgumentTypeError(f"{text[:20]!r} is not a number from {least} to {most}")
        return int(text)

    return read


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= FOR_EVER:
        raise ArgumentTypeError(f"{text[:20]!r} is not a number above 0")
    return value
