"""`manage.py doctor`: what is wrong, since when, what still works, and what to do next."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faceitbot.core import clock
from faceitbot.core.errors import Unavailable
from faceitbot.core.health import registry
from faceitbot.core.health.checks import Finding, State, Text, Verdict, overall, spoken
from faceitbot.core.health.looking import look
from faceitbot.core.health.memory import remember
from faceitbot.core.models import JobOutcome
from faceitbot.health.shown import described, when
from faceitbot.jobs.runner import Runner
from faceitbot.jobs.table import job_named

INTEGRITY, ITS_JOB = "integrity", "check_integrity"
EXIT_CODES = {State.FINE: 0, State.DEGRADED: 1, State.DOWN: 2}
_COLOURS = {State.FINE: "SUCCESS", State.DEGRADED: "WARNING", State.DOWN: "ERROR", State.UNKNOWN: "NOTICE"}


class Command(BaseCommand):
    """Needs none of what it looks at."""

    requires_system_checks = []
    help = (
        "Look at all that can go wrong, within 10 seconds whatever is frozen, and say of what is wrong since "
        "when it is so, what still works, and what to do next. Exit codes: 0 fine, 1 degraded, 2 down."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON for machines")
        parser.add_argument(
            "--full",
            action="store_true",
            help="check the integrity of all that is stored first: takes longer",
        )
        parser.add_argument("--language", choices=("en", "ru"), default="en", help="default: %(default)s")

    def handle(self, *, as_json: bool, full: bool, language: str, **_options: Any) -> None:
        undone = _check_integrity() if full else None
        now = clock.now()
        verdicts = look(registry.checks())
        if undone is not None:
            verdicts = [_as_undone(verdict, undone) for verdict in verdicts]
        verdicts = remember(verdicts, now)
        state = overall(verdicts)
        with translation.override(language):
            if as_json:
                told = {"state": state.value, "at": now.isoformat(), "checks": [*map(described, verdicts)]}
                self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
            else:
                width = max(len(str(verdict.check.title)) for verdict in verdicts)
                for verdict in verdicts:
                    self._tell(verdict, width)
        sys.exit(EXIT_CODES[state])

    def _tell(self, verdict: Verdict, width: int) -> None:
        word = getattr(self.style, _COLOURS[verdict.state])(str(verdict.state.label).ljust(10))
        self.stdout.write(f"{word}{str(verdict.check.title).ljust(width)}  {verdict.finding.sentence}")
        if verdict.is_bad and verdict.state != State.UNKNOWN:
            since = when(verdict.since) if verdict.since else "?"
            for head, text in (
                (_("since"), since),
                (_("still works"), verdict.check.still_works),
                (_("next"), verdict.next_step),
            ):
                self.stdout.write(f"{'':10}{head.rjust(width)}  {text}")


def _check_integrity() -> Text | None:
    """Do the job that checks it; what it finds is read like that of any other run. Give why it was not."""
    job = job_named(ITS_JOB)
    if job is None:
        return None
    try:
        ending = Runner([job]).run_once(job)
    except Unavailable as error:
        return str(error)
    if ending is None:
        return gettext_lazy("another process is at it")
    if ending.outcome == JobOutcome.DONE:
        return None
    return ending.error or ending.outcome.label


def _as_undone(verdict: Verdict, why: Text) -> Verdict:
    """Give what an older scan has found as what it is: bad, or no answer to who asked for a new one."""
    if verdict.name != INTEGRITY or verdict.state in (State.DOWN, State.UNKNOWN):
        return verdict
    text = spoken(lambda: _("The scan was not done: %(why)s.") % {"why": str(why).rstrip(".")})
    return Verdict(verdict.check, Finding(State.DEGRADED, text))
