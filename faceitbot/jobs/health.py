"""Whether the jobs are done, and what the last look at what is stored has found."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from faceitbot.core import clock
from faceitbot.core.display import digits
from faceitbot.core.health import registry
from faceitbot.core.health.checks import Check, Finding, Needs, State, spoken
from faceitbot.core.health.database import reading
from faceitbot.core.job_runs import JobRuns
from faceitbot.jobs.lateness import failing, late
from faceitbot.jobs.table import JOBS, title_of

RUN_JOBS = "python manage.py run_jobs"
INTEGRITY_IS_OLD = timedelta(days=2)


def _jobs() -> Finding:
    runs = JobRuns()
    histories, began = reading(
        "jobs",
        lambda: (runs.get_histories.blocking([job.name for job in JOBS]), runs.get_beginning.blocking()),
    )
    if began is None:
        return Finding(State.DEGRADED, spoken(lambda: _("No job has ever run.")))
    behind = late(JOBS, histories, began, clock.now())
    if behind:
        text = spoken(
            lambda: (
                ngettext("%(n)s job is late: %(names)s.", "%(n)s jobs are late: %(names)s.", len(behind))
                % {"n": len(behind), "names": ", ".join(title_of(each.job.name) for each in behind)}
            )
        )
        one = f"{RUN_JOBS} --once {behind[0].job.name}" if len(behind) == 1 else ""
        return Finding(State.DOWN, text, behind[0].since, next_step=one)
    bad = failing(JOBS, histories)
    if bad:
        first = bad[0]
        error = first.error.rstrip(".")
        text = spoken(
            lambda: (
                _("The job “%(name)s” fails, and is tried again: %(error)s.")
                % {"name": title_of(first.job.name), "error": error}
            )
        )
        return Finding(State.DEGRADED, text, first.since, next_step=f"{RUN_JOBS} --once {first.job.name}")
    return Finding(State.FINE, spoken(lambda: _("All jobs are done in time.")))


def _integrity() -> Finding:
    last = reading("integrity", lambda: JobRuns().get_last_done.blocking("check_integrity"))
    if last is None or last.ended_at is None:
        text = spoken(lambda: _("Nobody has looked yet whether what is stored is true."))
        return Finding(State.DEGRADED, text, next_step="python manage.py doctor --full")
    broken = last.figures.get("broken", 0)
    if broken:
        names = ", ".join(sorted(set(last.figures) - {"broken", "claims"}))
        text = spoken(
            lambda: (
                ngettext(
                    "%(n)s claim about what is stored does not hold: %(names)s.",
                    "%(n)s claims about what is stored do not hold: %(names)s.",
                    broken,
                )
                % {"n": broken, "names": names}
            )
        )
        return Finding(State.DOWN, text)
    claims = {"n": digits(last.figures.get("claims", 0))}
    if clock.now() - last.ended_at > INTEGRITY_IS_OLD:
        text = spoken(lambda: _("The last look at what is stored is too old."))
        return Finding(State.DEGRADED, text, last.ended_at, next_step="python manage.py doctor --full")
    return Finding(State.FINE, spoken(lambda: _("All %(n)s claims about what is stored hold.") % claims))


CHECKS = (
    Check(
        "jobs",
        gettext_lazy("Jobs"),
        _jobs,
        gettext_lazy(
            "Access and limits go by the clock and wait for no job. Notices, campaigns, sums, pruning do."
        ),
        RUN_JOBS,
        Needs.DATABASE,
    ),
    Check(
        "integrity",
        gettext_lazy("Integrity"),
        _integrity,
        gettext_lazy("Everything but the rows that are named; look at them before money is decided on."),
        "python manage.py check_integrity",
        Needs.DATABASE,
    ),
)


def register() -> None:
    """Add them to the list."""
    registry.register(*CHECKS)
