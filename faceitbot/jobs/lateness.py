"""Which jobs are late, and which do not go well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from faceitbot.core.job_runs import History, due_at
from faceitbot.core.models import JobOutcome
from faceitbot.jobs.table import Job

LEAST_GRACE = timedelta(minutes=3)
MOST_GRACE = timedelta(hours=2)


@dataclass(frozen=True)
class Lateness:
    """A job that should have run by now, or should have ended: since when."""

    job: Job
    since: datetime


@dataclass(frozen=True)
class Failing:
    """A job whose runs fail: since when, and what the last one said."""

    job: Job
    since: datetime
    error: str


def grace(job: Job) -> timedelta:
    """Give how long after its time a job is not yet late."""
    return min(max(job.every / 2, LEAST_GRACE), MOST_GRACE)


def late(
    jobs: Sequence[Job], histories: Mapping[str, History], began: datetime | None, now: datetime
) -> list[Lateness]:
    """Give the jobs that are late, the one that is late for longest first.

    One that has never run is due since `began`, when the first of them all ran.
    """
    found = []
    for job in jobs:
        history = histories.get(job.name)
        due = _due(job, history, now) if history else began
        if due is not None and now - due > grace(job):
            found.append(Lateness(job, due))
    return sorted(found, key=lambda lateness: lateness.since)


def failing(jobs: Sequence[Job], histories: Mapping[str, History]) -> list[Failing]:
    """Give the jobs whose last run has failed, the one that fails for longest first."""
    found = [
        Failing(job, history.failing_since, history.error)
        for job in jobs
        if (history := histories.get(job.name)) and history.failing_since
    ]
    return sorted(found, key=lambda each: each.since)


def _due(job: Job, history: History, now: datetime) -> datetime | None:
    """Give when something should have happened: the next run, the end of the one that runs, or the work."""
    last = history.last
    following = due_at(last, job.every)
    if last.outcome == JobOutcome.DONE:
        return following
    began = history.undone_since or last.started_at
    # Tries that fail do no work; those that were only stopped have together the time of one.
    done = (history.done_at or began) + job.every if history.failing_since else began + job.timeout
    is_alive = last.ended_at is None and last.alive_until > now
    return done if is_alive else min(done, following or done)
