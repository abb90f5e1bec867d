"""Runs of jobs as metrics."""

from collections.abc import Iterable

from prometheus_client import Counter, Histogram

from faceitbot.core.models import JobOutcome

RUNS = Counter("faceitbot_job_runs", "Runs of jobs that have ended, by how.", ["name", "outcome"])
SECONDS = Histogram(
    "faceitbot_job_duration_seconds",
    "How long runs of jobs took.",
    ["name"],
    buckets=(0.1, 1, 10, 60, 300, 900, 3600, 4 * 3600),
)
ENDINGS = tuple(outcome for outcome in JobOutcome if outcome != JobOutcome.RUNNING)


def declare(names: Iterable[str]) -> None:
    """Let the counters of these jobs begin at 0."""
    for name in names:
        SECONDS.labels(name)
        for outcome in ENDINGS:
            RUNS.labels(name, outcome.value)


def note_lost(name: str) -> None:
    """Count a run that was lost with its process; nobody knows how long it took."""
    RUNS.labels(name, JobOutcome.LOST.value).inc()


def note_run(name: str, outcome: JobOutcome, seconds: float) -> None:
    """Count a run that has ended."""
    RUNS.labels(name, outcome.value).inc()
    SECONDS.labels(name).observe(seconds)
