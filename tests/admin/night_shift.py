"""What operators look at: jobs that went well and did not, errors of a night, a bot that is silent."""

from datetime import datetime, timedelta

from faceitbot.core.models import ErrorGroup, JobRun
from faceitbot.jobs.table import JOBS
from tests.factories import ProcessSampleFactory

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FIGURES = {"moved_on": 3, "deleted": 1_240}
ENDINGS: tuple[tuple[str, str, dict[str, int]], ...] = (
    ("done", "", FIGURES),
    ("failed", "unavailable: The database has stopped answering.", {}),
    ("timed_out", "", {}),
    ("stopped", "it could not be stopped", {}),
    ("lost", "", {}),
)
ERRORS = (
    ("UserRepository.touch", "DatabaseUnavailable", 1_482),
    ("ReceivingMethods.record_successful_payment", "OutcomeUnknown", 2),
    ("page admin:subscriptions_payment_changelist", "ZeroDivisionError", 1),
)


def fill(now: datetime) -> None:
    """Write the notes of a night that ends now."""
    for place, job in enumerate(JOBS):
        outcome, error, figures = ENDINGS[place % len(ENDINGS)]
        began = now - place * 7 * MINUTE - HOUR
        JobRun.objects.create(
            name=job.name,
            started_at=began,
            alive_until=began + MINUTE,
            ended_at=began + 42 * timedelta(seconds=1),
            outcome=outcome,
            error=error,
            figures=figures,
            process="staff-1:4711",
            correlation_id=f"3f2a9c{place:02d}",
        )
    JobRun.objects.create(
        name="check_integrity", started_at=now, alive_until=now + MINUTE, process="staff-1:4711"
    )
    for place, (method, error_class, count) in enumerate(ERRORS):
        ErrorGroup.objects.create(
            method=method,
            error_class=error_class,
            count=count,
            first_seen=now - (place + 1) * HOUR,
            last_seen=now - (place + 1) * MINUTE,
            last_correlation_id=f"update-{90_125 + place}",
        )
    for kind, ago in (("bot", 12 * MINUTE), ("jobs", MINUTE / 6), ("web", MINUTE / 6)):
        ProcessSampleFactory.create(
            at=now - ago, kind=kind, process=f"staff-1:{kind}", calls=120, cache_hits=90, cache_misses=10
        )
