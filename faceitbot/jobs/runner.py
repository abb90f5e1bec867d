"""The process that does the jobs: one thread for each that runs, and one that watches over them.

Jobs that come rarely wait for each other; what comes every few minutes waits for none of them.
The watching thread alone writes to `job_runs`. While the database is away nothing is claimed; how a run has
ended is remembered until it can be written.
"""

import os
import random
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import structlog

from faceitbot.core import clock
from faceitbot.core.correlation import correlation
from faceitbot.core.errors import FaceitBotError, Unavailable
from faceitbot.core.job_runs import Ending, JobRuns, due_at
from faceitbot.core.models import JobOutcome
from faceitbot.core.monitoring import errors
from faceitbot.core.stopping import Stop, Stopped
from faceitbot.jobs import measures
from faceitbot.jobs.table import Job

OFTEN = timedelta(minutes=10)
RARE_AT_ONCE = 3  # of the jobs that come more rarely than that
LOOK_SECONDS = 1.0
BEAT_SECONDS = 5.0
ENDING_SECONDS = 10.0  # for what runs when the process is to end
STOPPING_SECONDS = 2.0  # for what has not ended by then and is stopped
MOST_JITTER_SECONDS = 60.0
log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Run:
    """A job that this process does just now."""

    job: Job
    key: int
    correlation_id: str
    expires: float
    stop: Stop = field(default_factory=Stop)
    why: JobOutcome | None = None  # it was asked to end
    ending: Ending | None = None

    def work(self) -> None:
        """Do it, and keep how it has ended."""
        with correlation(self.correlation_id), self.stop.inside():
            started = monotonic()
            self.ending = self._outcome()
            if self.ending.outcome != JobOutcome.LOST:  # whoever took over has counted it
                measures.note_run(self.job.name, self.ending.outcome, monotonic() - started)
            log.info("job.ended", job=self.job.name, outcome=str(self.ending.outcome))

    def _outcome(self) -> Ending:
        try:
            return Ending(JobOutcome.DONE, figures=self.job.work())
        except FaceitBotError as error:
            if self.why is not None:  # the cancelled statement, or what would have come after it
                return Ending(self.why, "" if isinstance(error, Stopped) else str(error))
            log.warning("job.failed", job=self.job.name, code=error.code, message=str(error))
            return Ending(JobOutcome.FAILED, f"{error.code}: {error}")
        except Exception as error:  # a bug in one job must not end the others
            log.exception("job.failed", job=self.job.name)
            errors.note(f"job {self.job.name}", error)
            return Ending(self.why or JobOutcome.FAILED, type(error).__name__)

    def ask_to_end(self, why: JobOutcome) -> None:
        """Have it end, and say why; said again, what it waits for now is cancelled."""
        self.why = self.why or why
        self.stop.ask()


class Runner:
    """Does jobs until it is told to end. Any number of processes may do the same ones."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._runs = JobRuns()
        self._running: dict[Run, threading.Thread] = {}
        self._ended: list[Run] = []
        self._ends = threading.Event()
        self._beat_at = 0.0
        self._jitter: dict[tuple[str, int | None], float] = {}
        self._process = f"{socket.gethostname()[:60]}:{os.getpid()}"

    def end(self) -> None:
        """Begin nothing more; `run` returns when what runs has ended. For signal handlers as well."""
        self._ends.set()

    def run(self) -> None:
        """Do the jobs that are due, again and again, until `end`."""
        away = False
        while not self._ends.is_set():
            try:
                self._tend()
                self._begin_what_is_due()
            except Unavailable as error:
                if not away:
                    log.warning("jobs.wait", message=str(error))
                away = True
            else:
                away = False
            self._ends.wait(LOOK_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
        self._finish()

    def run_once(self, job: Job) -> Ending | None:
        """Do one job now, due or not; None when another process does it. Errors: `Unavailable`."""
        run = self._begin(job, even_if_not_due=True)
        if run is None:
            return None
        while self._running:
            if self._ends.wait(0.05):
                self._finish()
                break
            self._tend()
        self._tend()
        return run.ending

    # ---- Beginning

    def _begin_what_is_due(self) -> None:
        own = {run.job.name for run in (*self._running, *self._ended)}
        names = [job.name for job in self._jobs]
        lasts, now = self._runs.get_last_runs.blocking(names), clock.now()
        due = []
        for job in self._jobs:
            last = lasts.get(job.name)
            at = due_at(last, job.every)
            waited = (now - at).total_seconds() if at else MOST_JITTER_SECONDS
            if job.name not in own and waited >= self._jitter_of(job, last.pk if last else None):
                due.append((waited, job))
        for _waited, job in sorted(due, key=lambda pair: -pair[0]):
            if job.every <= OFTEN or sum(run.job.every > OFTEN for run in self._running) < RARE_AT_ONCE:
                self._begin(job)

    def _jitter_of(self, job: Job, last: int | None) -> float:
        """Give how long a job waits after it is due, so that not all begin at the same moment."""
        most = min(job.every.total_seconds() / 10, MOST_JITTER_SECONDS) if last else 0.0
        for known in [known for known in self._jitter if known[0] == job.name and known[1] != last]:
            del self._jitter[known]
        return self._jitter.setdefault((job.name, last), random.uniform(0, most))  # noqa: S311 - jitter

    def _begin(self, job: Job, *, even_if_not_due: bool = False) -> Run | None:
        with correlation() as its_id:
            row = self._runs.claim.blocking(
                job.name, job.every, self._process, correlation_id=its_id, even_if_not_due=even_if_not_due
            )
            if row is None:
                return None
            if row.takes_over:
                log.warning("job.lost", job=job.name)
                measures.note_lost(job.name)
            log.info("job.began", job=job.name)
        run = Run(job, row.pk, its_id, monotonic() + job.timeout.total_seconds())
        # A thread that cannot be stopped must not keep the process from ending.
        thread = threading.Thread(target=run.work, name=f"faceitbot-job-{job.name}", daemon=True)
        self._running[run] = thread
        thread.start()
        return run

    # ---- Watching

    def _tend(self) -> None:
        """Write what has ended, tell that we live, end what has taken too long."""
        for run, thread in list(self._running.items()):
            if not thread.is_alive():
                del self._running[run]
                self._ended.append(run)
            elif monotonic() > run.expires:
                run.ask_to_end(JobOutcome.TIMED_OUT)
        while self._ended:
            self._write_ending(self._ended[0])
            self._ended.pop(0)
        if self._running and monotonic() - self._beat_at >= BEAT_SECONDS:
            ours = self._runs.beat.blocking([run.key for run in self._running])
            self._beat_at = monotonic()
            for run in self._running:
                if run.key not in ours:  # taken for lost, and begun by another
                    run.ask_to_end(JobOutcome.LOST)

    def _write_ending(self, run: Run) -> None:
        self._runs.end.blocking(run.key, run.ending or Ending(JobOutcome.FAILED, "it ended without a word"))

    def _finish(self) -> None:
        """Let what runs end, for a while; stop the rest, which then is to be done again."""
        self._wait_for_all(ENDING_SECONDS)
        for run in self._running:
            run.ask_to_end(JobOutcome.STOPPED)
        self._wait_for_all(STOPPING_SECONDS)
        for run in self._running:
            run.ending = Ending(JobOutcome.STOPPED, "it could not be stopped")
            self._ended.append(run)
        try:
            for run in self._ended:
                self._write_ending(run)
        except Unavailable as error:  # then their claims run out
            log.warning("jobs.ends_unwritten", message=str(error))

    def _wait_for_all(self, seconds: float) -> None:
        until = monotonic() + seconds
        while self._running and monotonic() < until:
            next(iter(self._running.values())).join(0.05)
            try:
                self._tend()
            except Unavailable:
                continue  # what has ended is written at the end, if it can be
