"""The jobs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from faceitbot.jobs import work
from faceitbot.jobs.work import Figures


@dataclass(frozen=True)
class Job:
    """Something that is done every so often, and is ended when it takes longer than its timeout.

    The title is for staff; commands and rows have the name.
    """

    name: str
    every: timedelta
    timeout: timedelta
    work: Callable[[], Figures]
    title: str | Promise = ""


def _every(
    work: Callable[[], Figures],
    title: Promise,
    *,
    days: int = 0,
    minutes: int = 0,
    timeout_minutes: int = 60,
) -> Job:
    every = timedelta(days=days, minutes=minutes)
    return Job(work.__name__, every, timedelta(minutes=timeout_minutes), work, title)


JOBS = (
    _every(work.expire_subscriptions, _("End of subscriptions"), minutes=1, timeout_minutes=15),
    _every(work.run_campaigns, _("Campaigns"), minutes=1),
    _every(work.settle_stars, _("Settling of Stars"), minutes=10, timeout_minutes=15),
    _every(work.update_rollups, _("Roll-ups"), minutes=10, timeout_minutes=6 * 60),
    _every(work.clear_match_cache, _("Pruning of stored matches"), minutes=60, timeout_minutes=15),
    _every(work.check_integrity, _("Integrity"), days=1, timeout_minutes=2 * 60),
    _every(work.fold_activity, _("Folding of activity"), days=1),
    _every(work.prune_matches, _("Pruning of analyses"), days=1),
    _every(work.prune_stats, _("Pruning of players' cards"), days=1),
    _every(work.prune_metrics, _("Pruning of events"), days=1),
    _every(work.forget_personal_data, _("Forgetting of personal data"), days=1),
    _every(work.clear_sessions, _("End of staff's sessions"), days=1, timeout_minutes=5),
    _every(work.prune_job_runs, _("Pruning of job runs"), days=1, timeout_minutes=15),
    _every(work.prune_monitoring, _("Pruning of samples and errors"), minutes=60, timeout_minutes=15),
)


def job_named(name: str) -> Job | None:
    """Give the job of a name."""
    return next((job for job in JOBS if job.name == name), None)


def title_of(name: str) -> str:
    """Give what staff call a job; one that is no more is called by its name."""
    job = job_named(name)
    return str(job.title) if job and job.title else name
