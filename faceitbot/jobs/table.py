"""The jobs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from faceitbot.jobs import work
from faceitbot.jobs.work import Figures


@dataclass(frozen=True)
class Job:
    """Something that is done every so often, and is ended when it takes longer than its timeout."""

    name: str
    every: timedelta
    timeout: timedelta
    work: Callable[[], Figures]


def _every(work: Callable[[], Figures], *, days: int = 0, minutes: int = 0, timeout_minutes: int = 60) -> Job:
    every = timedelta(days=days, minutes=minutes)
    return Job(work.__name__, every, timedelta(minutes=timeout_minutes), work)


JOBS = (
    _every(work.expire_subscriptions, minutes=1, timeout_minutes=15),
    _every(work.run_campaigns, minutes=1),
    _every(work.settle_stars, minutes=10, timeout_minutes=15),
    _every(work.update_rollups, minutes=10, timeout_minutes=6 * 60),
    _every(work.clear_match_cache, minutes=60, timeout_minutes=15),
    _every(work.check_integrity, days=1, timeout_minutes=2 * 60),
    _every(work.fold_activity, days=1),
    _every(work.prune_matches, days=1),
    _every(work.prune_stats, days=1),
    _every(work.prune_metrics, days=1),
    _every(work.forget_personal_data, days=1),
    _every(work.clear_sessions, days=1, timeout_minutes=5),
    _every(work.prune_job_runs, days=1, timeout_minutes=15),
    _every(work.prune_monitoring, minutes=60, timeout_minutes=15),
)


def job_named(name: str) -> Job | None:
    """Give the job of a name."""
    return next((job for job in JOBS if job.name == name), None)
