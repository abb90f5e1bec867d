"""Who does which job when: runs are claimed as rows, so that each job runs once at a time.

A claim lives for `LEASE` and is prolonged by `beat`. A process that dies leaves it to run out; the run is
then lost, and another process may begin a new one. No lock lives longer than a transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Min

from faceitbot.core import clock
from faceitbot.core.models import JobOutcome, JobRun
from faceitbot.core.transactions import query, transactional

LEASE = timedelta(seconds=30)
AGAIN_AFTER = timedelta(minutes=5)  # a failure, of a job that runs more rarely
KEPT_FOR = timedelta(days=14)
MAX_ERROR_LENGTH = 300
BAD = (JobOutcome.FAILED, JobOutcome.TIMED_OUT, JobOutcome.LOST)

# Held until the claim is decided, so that of two processes the second sees the run of the first.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('job ' || %s, 0))"
_NOW = "SELECT clock_timestamp()"
_BEAT = """
UPDATE job_runs SET alive_until = clock_timestamp() + make_interval(secs => %s)
WHERE id = ANY(%s) AND ended_at IS NULL RETURNING id
"""
_LAST_RUNS = """
SELECT last.* FROM unnest(%s::text[]) AS job (name) CROSS JOIN LATERAL (
    SELECT * FROM job_runs WHERE job_runs.name = job.name ORDER BY started_at DESC, id DESC LIMIT 1) AS last
"""
_PRUNE = """
DELETE FROM job_runs WHERE id IN (
    SELECT id FROM job_runs AS old WHERE ended_at < %s
        AND EXISTS (SELECT FROM job_runs AS newer WHERE newer.name = old.name
            AND newer.started_at > old.started_at AND (newer.outcome = 'done' OR old.outcome <> 'done'))
    ORDER BY ended_at LIMIT 1000)
"""


@dataclass(frozen=True)
class Ending:
    """How a run has ended."""

    outcome: JobOutcome
    error: str = ""
    figures: Mapping[str, int] | None = None


@dataclass(frozen=True)
class History:
    """What is known of a job: its last run, and when it went well last.

    While it does not go well: since when, what the last failure said, and when the first run began that was
    not done. A run that is lost has failed, too: it may be the job that kills its process.
    """

    last: JobRun
    done_at: datetime | None
    failing_since: datetime | None = None
    error: str = ""
    undone_since: datetime | None = None


def due_at(last: JobRun | None, every: timedelta) -> datetime | None:
    """Give when a job is due after its last run; None: at once, for it has never run."""
    if last is None:
        return None
    ended = last.ended_at or last.alive_until
    match last.outcome:
        case JobOutcome.DONE:
            return last.started_at + every
        case JobOutcome.FAILED | JobOutcome.TIMED_OUT:
            return ended + min(every, AGAIN_AFTER)
    return ended  # what was killed is done again


class JobRuns:
    """The runs of all jobs. Times are those of the database's clock unless `now` is given."""

    @transactional()
    def claim(
        self,
        name: str,
        every: timedelta,
        process: str,
        *,
        correlation_id: str = "",
        even_if_not_due: bool = False,
        now: datetime | None = None,
    ) -> JobRun | None:
        """Begin a run of a job that is due; None if it is not, or somebody else does it.

        Concurrency: of any number of processes one gets it.
        """
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [name])
        moment = _moment(now)
        last = JobRun.objects.filter(name=name).first()
        takes_over = last is not None and last.ended_at is None
        if last is not None and takes_over:
            if last.alive_until > moment:
                return None
            last.outcome, last.ended_at = JobOutcome.LOST, moment
            last.save(update_fields=["outcome", "ended_at"])
        due = due_at(last, every)
        if due is not None and due > moment and not even_if_not_due:
            return None
        run = JobRun.objects.create(
            name=name,
            started_at=moment,
            alive_until=moment + LEASE,
            process=process,
            correlation_id=correlation_id,
        )
        run.takes_over = takes_over
        return run

    @transactional()
    def beat(self, keys: Collection[int]) -> set[int]:
        """Say that the process of these runs lives; give those that are still its own."""
        with connection.cursor() as cursor:
            cursor.execute(_BEAT, [LEASE.total_seconds(), list(keys)])
            return {row[0] for row in cursor.fetchall()}

    @transactional()
    def end(self, key: int, ending: Ending, now: datetime | None = None) -> bool:
        """Remember how a run has ended; False if it was taken for lost meanwhile."""
        return bool(
            JobRun.objects.filter(pk=key, ended_at__isnull=True).update(
                ended_at=_moment(now),
                outcome=ending.outcome,
                error=ending.error[:MAX_ERROR_LENGTH],
                figures=dict(ending.figures or {}),
            )
        )

    @query
    def get_last_runs(self, names: Collection[str]) -> dict[str, JobRun]:
        """Give the last run of each job that has ever run."""
        return {row.name: row for row in JobRun.objects.raw(_LAST_RUNS, [list(names)])}

    @query
    def get_histories(self, names: Collection[str]) -> dict[str, History]:
        """Give what is known of each job that has ever run."""
        return {name: _history(last) for name, last in self.get_last_runs.blocking(names).items()}

    @query
    def get_beginning(self) -> datetime | None:
        """Give when the first job ran of which there is a note; None if none ever did."""
        return JobRun.objects.order_by("started_at").values_list("started_at", flat=True).first()

    @query
    def get_last_done(self, name: str) -> JobRun | None:
        """Give the last run of a job that went well."""
        return JobRun.objects.filter(name=name, outcome=JobOutcome.DONE).order_by("-ended_at").first()

    @transactional()
    def prune(self, now: datetime | None = None) -> int:
        """Delete up to 1 000 old runs; of each job the last one stays, and the last that went well."""
        with connection.cursor() as cursor:
            cursor.execute(_PRUNE, [(now or clock.now()) - KEPT_FOR])
            return int(cursor.rowcount)


def _history(last: JobRun) -> History:
    runs = JobRun.objects.filter(name=last.name)
    done = runs.filter(outcome=JobOutcome.DONE).order_by("-ended_at")
    done_at = done.values_list("ended_at", flat=True).first()
    if last.outcome == JobOutcome.DONE:
        return History(last, done_at)
    undone = (runs.filter(started_at__gte=done_at) if done_at else runs).exclude(outcome=JobOutcome.DONE)
    began = undone.aggregate(at=Min("started_at"))["at"]
    bad = undone.filter(outcome__in=BAD).order_by("started_at")
    first, newest = bad.first(), bad.last()
    if first is None or newest is None:
        return History(last, done_at, undone_since=began)
    error = newest.error or str(JobOutcome(newest.outcome).label)
    return History(last, done_at, first.ended_at, error, began)


def _moment(now: datetime | None) -> datetime:
    if now is not None:
        return clock.aware(now)
    with connection.cursor() as cursor:
        cursor.execute(_NOW)
        moment: datetime = cursor.fetchone()[0]
        return moment
