"""`manage.py run_jobs` shows the jobs, does one, and says how that went."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from faceitbot.core.errors import DatabaseUnavailable, Refused
from faceitbot.core.models import JobRun
from faceitbot.jobs import table
from faceitbot.jobs.runner import Runner
from faceitbot.jobs.table import JOBS
from faceitbot.management.commands import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _signals_stay(monkeypatch):
    monkeypatch.setattr(run_jobs, "_end_on_signals", lambda _runner: None)


def told(*words):
    out = StringIO()
    call_command("run_jobs", *words, stdout=out)
    return out.getvalue()


def replaced(monkeypatch, work):
    """Let a job do something else."""
    job = table.Job("sweep", JOBS[0].every, JOBS[0].timeout, work)
    monkeypatch.setattr(run_jobs, "job_named", lambda name: job if name == "sweep" else None)
    monkeypatch.setattr(run_jobs, "JOBS", (job,))


def test_one_job_is_done_now_and_its_figures_are_told():
    assert told("--once", "prune_stats") == "prune_stats is done: cards 0, points 0, matches 0.\n"
    assert told("--once", "prune_stats") == "prune_stats is done: cards 0, points 0, matches 0.\n"
    assert JobRun.objects.filter(name="prune_stats", outcome="done").count() == 2


def test_the_list_tells_how_often_and_when(monkeypatch):
    replaced(monkeypatch, lambda: {"swept": 3})

    assert [line.split() for line in told("--list").splitlines()][1] == [
        "sweep", "1", "min", "15", "min", "never", "now",
    ]  # fmt: skip
    told("--once", "sweep")
    assert " done " in told("--list")


def test_a_job_that_fails_says_why(monkeypatch):
    def refuse():
        raise Refused("not today")

    replaced(monkeypatch, refuse)

    with pytest.raises(CommandError, match=r"sweep: failed\. refused: not today") as refused:
        told("--once", "sweep")
    assert refused.value.returncode == 1


def test_an_unknown_job_is_refused_and_a_database_that_is_away_is_told(monkeypatch):
    with pytest.raises(
        CommandError, match="There is no job 'sweep'; there are: expire_subscriptions, "
    ) as refused:
        told("--once", "sweep")
    assert refused.value.returncode == 2

    def away(*_arguments, **_options):
        raise DatabaseUnavailable("the database is not available")

    monkeypatch.setattr(Runner, "run_once", away)
    with pytest.raises(CommandError) as refused:
        told("--once", "prune_stats")
    assert refused.value.returncode == 3
