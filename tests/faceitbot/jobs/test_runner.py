"""The runner: one failing job stops no other, a timeout ends a job, an end is in good order."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from faceitbot.core import clock
from faceitbot.core.errors import Refused
from faceitbot.core.models import JobRun
from faceitbot.core.stopping import Stop
from faceitbot.core.transactions import long_query, transactional
from faceitbot.jobs import measures
from faceitbot.jobs import runner as running
from faceitbot.jobs.runner import Runner
from faceitbot.jobs.table import JOBS, Job, job_named
from tests.eventually import eventually
from tests.threads import started

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(running, "MOST_JITTER_SECONDS", 0.0)
    monkeypatch.setattr(running, "ENDING_SECONDS", 0.3)


class Work:
    """Methods such as those that jobs are made of."""

    def __init__(self):
        self.batches = 0

    @transactional(budget_seconds=60)
    def sleep(self, seconds=60):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [seconds])

    @long_query(budget_seconds=60)
    def many_batches(self):
        while True:
            self.sleep.blocking(0.01)
            self.batches += 1


def job(name, work, timeout=MINUTE):
    return Job(name, MINUTE, timeout, work)


def fail():
    raise Refused("not today")


def break_down():
    raise ZeroDivisionError("1234567 is somebody's id")


@contextmanager
def runs(*jobs):
    """Run jobs in a thread, and end in good order."""
    runner = Runner(jobs)
    thread = started(runner.run)
    try:
        yield runner
    finally:
        runner.end()
        thread.join(20)
        assert not thread.is_alive()


def outcome(name):
    return JobRun.objects.filter(name=name, ended_at__isnull=False).values_list("outcome", "error").first()


def sleeping():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"
            " AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_a_failing_job_and_a_broken_one_stop_no_other():
    with runs(job("fails", fail), job("breaks", break_down), job("works", lambda: {"done": 7})):
        eventually(lambda: outcome("works") and outcome("fails") and outcome("breaks"))

    assert outcome("works") == ("done", "")
    assert JobRun.objects.get(name="works").figures == {"done": 7}
    assert outcome("fails") == ("failed", "refused: not today")
    assert outcome("breaks") == ("failed", "ZeroDivisionError")  # what it says may be about somebody


def test_what_comes_often_does_not_wait_for_long_jobs_that_come_rarely():
    released, under_way = threading.Event(), []

    def hold():
        under_way.append(1)
        released.wait(20)
        return {}

    names = [f"long{number}" for number in range(5)]
    with runs(*(Job(name, timedelta(days=1), MINUTE, hold) for name in names), job("short", dict)):
        eventually(lambda: outcome("short"))
        eventually(lambda: len(under_way) == running.RARE_AT_ONCE)
        looked_at = JobRun.objects.filter(name__in=names).count()
        released.set()
        eventually(lambda: all(outcome(name) for name in names))

    assert looked_at == running.RARE_AT_ONCE


@pytest.mark.parametrize("method", ["sleep", "many_batches"])
def test_a_timeout_ends_a_job_and_its_statement(method):
    work = Work()
    with runs(job("slow", getattr(work, method).blocking, timeout=timedelta(seconds=1))):
        eventually(lambda: outcome("slow"))

        assert outcome("slow")[0] == "timed_out"
        assert sleeping() == 0


def test_control_who_is_only_asked_to_end_goes_on_with_the_statement(monkeypatch):
    monkeypatch.setattr(Stop, "ask", lambda stop: stop.asked.set())
    with runs(job("slow", lambda: Work().sleep.blocking(1.5), timeout=timedelta(seconds=0.2))):
        eventually(lambda: JobRun.objects.filter(name="slow").exists())
        eventually(sleeping)

        assert outcome("slow") is None
        eventually(lambda: outcome("slow"))
    assert outcome("slow") == ("done", "")


def test_what_runs_at_the_end_may_end(monkeypatch):
    monkeypatch.setattr(running, "ENDING_SECONDS", 10.0)
    with runs(job("short", lambda: Work().sleep.blocking(1.0))) as runner:
        eventually(sleeping)
        runner.end()

    assert outcome("short") == ("done", "")


def test_what_does_not_end_in_time_is_stopped_and_due_again():
    with runs(job("long", Work().sleep.blocking)):
        eventually(sleeping)

    assert outcome("long")[0] == "stopped"
    assert sleeping() == 0
    with runs(job("long", dict)):
        eventually(lambda: outcome("long")[0] == "done")


def test_a_job_that_another_took_over_is_ended(monkeypatch):
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(running, "ENDING_SECONDS", 10.0)
    with runs(job("slow", Work().sleep.blocking)) as runner:
        eventually(sleeping)
        JobRun.objects.update(outcome="lost", ended_at=JobRun.objects.get().started_at)
        runner.end()
        eventually(lambda: not sleeping(), within=8)


def test_a_run_that_was_lost_with_its_process_is_counted_by_whoever_takes_over():
    died = clock.now() - MINUTE
    JobRun.objects.create(name="heavy", started_at=died, alive_until=died)
    lost = measures.RUNS.labels("heavy", "lost")
    before = lost._value.get()

    assert Runner([]).run_once(job("heavy", dict)).outcome == "done"
    assert Runner([]).run_once(job("heavy", dict)).outcome == "done"

    assert lost._value.get() - before == 1


def test_every_job_of_the_table_does_its_work_on_an_empty_database():
    for each in JOBS:
        ending = Runner([each]).run_once(each)
        assert ending.outcome == "done", (each.name, ending)
    assert job_named("check_integrity") in JOBS
    assert JobRun.objects.get(name="check_integrity").figures["broken"] == 0


def test_a_job_that_runs_elsewhere_is_not_begun():
    slow = job("slow", Work().sleep.blocking)
    with runs(slow):
        eventually(JobRun.objects.exists)

        assert Runner([slow]).run_once(slow) is None
