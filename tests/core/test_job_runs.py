"""A job is claimed by one process at a time, when it is due, and again when its process has died."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from faceitbot.core import job_runs
from faceitbot.core.job_runs import LEASE, Ending, JobRuns
from faceitbot.core.models import JobOutcome, JobRun
from tests.threads import started

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
runs = JobRuns()


def claim(now, every=HOUR, name="sweep", **more):
    return runs.claim.blocking(name, every, "here:1", now=now, **more)


def ended(outcome, at, error="", name="sweep", began=None):
    run = claim(began or at, name=name, even_if_not_due=True)
    assert runs.end.blocking(run.pk, Ending(outcome, error, {"swept": 3}), now=at)
    return run


@pytest.mark.django_db
def test_a_job_is_due_again_when_its_time_has_passed_since_it_began():
    ended(JobOutcome.DONE, NOON + timedelta(minutes=10), began=NOON)

    assert claim(NOON + HOUR - SECOND) is None
    assert claim(NOON + HOUR) is not None


@pytest.mark.django_db
def test_who_asks_for_it_gets_it_before_it_is_due():
    ended(JobOutcome.DONE, NOON)

    assert claim(NOON + SECOND, even_if_not_due=True) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", [JobOutcome.FAILED, JobOutcome.TIMED_OUT])
def test_what_has_failed_is_tried_again_soon_but_not_at_once(outcome):
    ended(outcome, NOON)

    assert claim(NOON + timedelta(minutes=5) - SECOND, every=DAY) is None
    assert claim(NOON + timedelta(minutes=5), every=DAY) is not None


@pytest.mark.django_db
def test_what_was_stopped_is_done_again_at_once():
    ended(JobOutcome.STOPPED, NOON)

    assert claim(NOON, every=DAY) is not None


@pytest.mark.django_db
def test_a_job_that_runs_is_left_alone_as_long_as_its_process_lives():
    first = claim(NOON)

    assert claim(NOON + LEASE - SECOND, even_if_not_due=True) is None
    second = claim(NOON + LEASE)

    first.refresh_from_db()
    assert (first.outcome, first.ended_at) == ("lost", NOON + LEASE)
    assert second.outcome == "running"
    assert (first.takes_over, second.takes_over) == (False, True)
    assert runs.end.blocking(first.pk, Ending(JobOutcome.DONE)) is False


@pytest.mark.django_db
def test_a_beat_prolongs_the_claim_and_says_what_is_lost():
    mine, lost = claim(NOON), claim(NOON, name="other")
    runs.end.blocking(lost.pk, Ending(JobOutcome.LOST))

    assert runs.beat.blocking([mine.pk, lost.pk]) == {mine.pk}
    mine.refresh_from_db()
    assert mine.alive_until > NOON + LEASE


@pytest.mark.django_db
def test_a_history_tells_since_when_a_job_fails_and_why():
    ended(JobOutcome.FAILED, NOON - DAY, "long ago")
    ended(JobOutcome.DONE, NOON)
    ended(JobOutcome.FAILED, NOON + HOUR, "first")
    ended(JobOutcome.TIMED_OUT, NOON + 2 * HOUR)

    history = runs.get_histories.blocking(["sweep", "never ran"])["sweep"]

    assert history.done_at == NOON
    assert history.failing_since == NOON + HOUR
    assert history.error == "took too long"
    assert history.undone_since == NOON + HOUR
    assert runs.get_beginning.blocking() == NOON - DAY


@pytest.mark.django_db
def test_a_run_that_was_lost_has_failed_and_one_that_was_stopped_is_only_not_done():
    ended(JobOutcome.DONE, NOON)
    ended(JobOutcome.STOPPED, NOON + HOUR)
    stopped = runs.get_histories.blocking(["sweep"])["sweep"]
    for minutes in (2, 4):
        claim(NOON + HOUR + timedelta(minutes=minutes))

    lost = runs.get_histories.blocking(["sweep"])["sweep"]

    assert (stopped.failing_since, stopped.undone_since) == (None, NOON + HOUR)
    assert lost.last.outcome == "running"
    assert lost.failing_since == NOON + HOUR + timedelta(minutes=4)
    assert lost.error == "lost with its process"
    assert lost.undone_since == NOON + HOUR


@pytest.mark.django_db
def test_old_runs_go_but_the_last_and_the_last_good_one_of_each_job():
    for day in range(5):
        ended(JobOutcome.DONE, NOON + day * DAY)
    ended(JobOutcome.FAILED, NOON + 5 * DAY)
    ended(JobOutcome.FAILED, NOON + 6 * DAY)
    ended(JobOutcome.DONE, NOON, name="other")

    assert runs.prune.blocking(now=NOON + 100 * DAY) == 5
    left = JobRun.objects.order_by("name", "started_at").values_list("name", "outcome")
    assert list(left) == [("other", "done"), ("sweep", "done"), ("sweep", "failed")]
    assert runs.prune.blocking(now=NOON + 100 * DAY) == 0


def begin_and_end_at_once(monkeypatch):
    """Let two threads claim the same job, both having seen the last run before either begins; give how many
    began. Each ends in the transaction that begins it, so no constraint stands in the way.
    """
    seen, met, found = job_runs.due_at, threading.Barrier(2), []

    def both_have_seen(last, every):
        with suppress(threading.BrokenBarrierError):  # the other one waits for us
            met.wait(timeout=0.5)
        return seen(last, every)

    monkeypatch.setattr(job_runs, "due_at", both_have_seen)

    def once():
        with transaction.atomic():
            run = runs.claim.blocking("sweep", HOUR, "here:1")
            if run is not None:
                runs.end.blocking(run.pk, Ending(JobOutcome.DONE))
                found.append(run)

    threads = [started(once) for _thread in range(2)]
    for thread in threads:
        thread.join()
    return len(found)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_one_gets_the_job(monkeypatch):
    assert begin_and_end_at_once(monkeypatch) == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_both_would(monkeypatch):
    monkeypatch.setattr(job_runs, "_LOCK", "SELECT %s")

    assert begin_and_end_at_once(monkeypatch) == 2
