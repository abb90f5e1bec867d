"""Which jobs are late, by their runs and the clock alone."""

from datetime import UTC, datetime, timedelta

import pytest

from faceitbot.core.job_runs import History
from faceitbot.core.models import JobRun
from faceitbot.jobs.lateness import failing, late
from faceitbot.jobs.table import Job

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFTEN, DAILY = Job("often", MINUTE, HOUR, dict), Job("daily", DAY, HOUR, dict)


def run(outcome, began, ended=None, alive_until=None):
    return JobRun(outcome=outcome, started_at=began, ended_at=ended, alive_until=alive_until or began)


def since(job, history, now, began=NOON):
    found = late([job], {job.name: history} if history else {}, began, now)
    return found[0].since if found else None


@pytest.mark.parametrize(("job", "patience"), [(OFTEN, 4 * MINUTE), (DAILY, 26 * HOUR)])
def test_a_job_is_late_some_time_after_it_is_due(job, patience):
    history = History(run("done", NOON, NOON), NOON)

    assert since(job, history, NOON + patience) is None
    assert since(job, history, NOON + patience + MINUTE) == NOON + job.every


def test_a_job_that_has_never_run_is_due_since_the_first_of_all_ran():
    assert since(DAILY, None, NOON + 2 * HOUR) is None
    assert since(DAILY, None, NOON + 3 * HOUR) == NOON
    assert since(DAILY, None, NOON + 3 * HOUR, began=None) is None


def test_a_job_that_runs_is_late_when_its_process_died_or_its_timeout_is_over():
    dead = History(run("running", NOON, alive_until=NOON + MINUTE), None)
    alive = History(run("running", NOON, alive_until=NOON + DAY), None)

    assert since(OFTEN, dead, NOON + 10 * MINUTE) == NOON + MINUTE
    assert since(OFTEN, alive, NOON + HOUR) is None
    assert since(OFTEN, alive, NOON + 2 * HOUR) == NOON + HOUR


def test_a_job_whose_process_dies_again_and_again_is_late_although_it_runs():
    again = run("running", NOON + HOUR, alive_until=NOON + DAY)
    lost = History(again, NOON, NOON + 2 * MINUTE, "lost", NOON + MINUTE)
    never_done = History(again, None, NOON + 2 * MINUTE, "lost", NOON + MINUTE)

    assert since(OFTEN, lost, NOON + HOUR) == NOON + MINUTE
    assert since(OFTEN, never_done, NOON + HOUR) == NOON + 2 * MINUTE
    assert since(DAILY, lost, NOON + HOUR) is None


@pytest.mark.parametrize("outcome", ["running", "stopped"])
def test_a_job_that_is_stopped_again_and_again_has_the_time_of_one_run(outcome):
    began = NOON + HOUR
    last = run(outcome, began, began if outcome == "stopped" else None, alive_until=NOON + DAY)
    history = History(last, NOON, undone_since=NOON + MINUTE)

    assert since(OFTEN, history, began + MINUTE) is None
    assert since(OFTEN, history, began + 5 * MINUTE) == min(NOON + MINUTE + HOUR, last.ended_at or NOON + DAY)


def test_a_job_that_only_fails_is_late_although_it_is_tried():
    history = History(run("failed", NOON + HOUR, NOON + HOUR), NOON, NOON + MINUTE, "broken")

    assert since(OFTEN, history, NOON + HOUR) == NOON + MINUTE
    assert since(DAILY, history, NOON + HOUR) is None
    (found,) = failing([DAILY], {"daily": history})
    assert (found.since, found.error) == (NOON + MINUTE, "broken")
