"""`manage.py run_jobs`: does what has to be done again and again."""

import signal
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localtime

from faceitbot.core import cache, clock, closing, exit_codes, transactions
from faceitbot.core.cache import registry
from faceitbot.core.errors import Unavailable
from faceitbot.core.job_runs import JobRuns, due_at
from faceitbot.core.models import JobOutcome, ProcessKind
from faceitbot.core.monitoring import watching
from faceitbot.core.monitoring.exposing import LOOPBACK, close_ports, serve_metrics
from faceitbot.health.watching import Watch
from faceitbot.jobs import measures
from faceitbot.jobs.patience import wait_longer
from faceitbot.jobs.runner import Runner
from faceitbot.jobs.table import JOBS, job_named


class Command(BaseCommand):
    """One process is enough. A second one takes over when the first dies."""

    help = (
        "Do the jobs that are due, until SIGTERM or Ctrl-C: then nothing more begins, and what runs has ten "
        "seconds to end. Safe to kill, and to run twice. Exit codes: 0 ended in good order, or that job is "
        "done; 1 that job failed; 2 there is no such job; 3 database unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--once", metavar="NAME", help="do this job now, due or not, and end")
        which.add_argument("--list", action="store_true", dest="as_list", help="show the jobs and end")
        parser.add_argument(
            "--metrics-port", type=int, metavar="PORT", help="serve metrics for Prometheus on this port"
        )
        parser.add_argument(
            "--metrics-address",
            default=LOOPBACK,
            metavar="ADDRESS",
            help="where: anybody who reaches it may read them (%(default)s)",
        )

    def handle(
        self,
        *,
        once: str | None,
        as_list: bool,
        metrics_port: int | None,
        metrics_address: str,
        **_options: Any,
    ) -> None:
        try:
            if as_list:
                self._list()
            elif once is not None:
                self._do_once(once)
            else:
                self._run(metrics_port, metrics_address)
        except Unavailable as error:
            raise CommandError(f"{error}; run it again.", returncode=exit_codes.UNAVAILABLE) from error

    def _run(self, metrics_port: int | None, metrics_address: str) -> None:
        wait_longer()
        cache.doubt_everything()
        runner, watch = Runner(JOBS), Watch()
        _end_on_signals(runner)
        measures.declare(job.name for job in JOBS)
        if metrics_port is not None:
            _serve_metrics(metrics_port, metrics_address)
        watching.start(ProcessKind.JOBS)
        watch.start()
        runner.run()
        watch.end()
        watching.stop()
        close_ports()
        closing.drain_everything()
        transactions.shutdown()
        registry.close_blocking()

    def _do_once(self, name: str) -> None:
        job = job_named(name)
        if job is None:
            known = ", ".join(job.name for job in JOBS)
            raise CommandError(
                f"There is no job {name!r}; there are: {known}.", returncode=exit_codes.REFUSED
            )
        runner = Runner([job])
        _end_on_signals(runner)
        ending = runner.run_once(job)
        closing.drain_everything()
        if ending is None:
            self.stdout.write("Another process is at it.")
            return
        figures = ", ".join(f"{what} {number}" for what, number in (ending.figures or {}).items())
        if ending.outcome != JobOutcome.DONE:
            sentence = f"{name}: {ending.outcome.value}. {ending.error}".strip()
            raise CommandError(sentence, returncode=exit_codes.DONE_WITH_REFUSALS)
        self.stdout.write(f"{name} is done{': ' if figures else ''}{figures}.")

    def _list(self) -> None:
        lasts, now = JobRuns().get_last_runs.blocking([job.name for job in JOBS]), clock.now()
        heads = ("job", "every", "timeout", "last began", "ended", "next")
        rows = [heads]
        for job in JOBS:
            last = lasts.get(job.name)
            due = due_at(last, job.every)
            following = f"{localtime(due, clock.bot_zone()):%d %b %H:%M}" if due and due > now else "now"
            rows.append(
                (
                    job.name,
                    _length(job.every),
                    _length(job.timeout),
                    f"{localtime(last.started_at, clock.bot_zone()):%d %b %H:%M}" if last else "never",
                    last.outcome if last else "",
                    "" if last and last.ended_at is None else following,
                )
            )
        widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _serve_metrics(port: int, address: str) -> None:
    try:
        serve_metrics(port, address)
    except (OSError, OverflowError) as error:
        raise CommandError(
            f"Metrics cannot be served on {address}:{port}: {error}.", returncode=exit_codes.REFUSED
        ) from error


def _end_on_signals(runner: Runner) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: runner.end())


def _length(time: timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    for unit, size in (("d", 24 * 60), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
