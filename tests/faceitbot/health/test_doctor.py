"""What the doctor prints, and the page of the same checks."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from faceitbot.core import clock
from faceitbot.core.errors import DatabaseUnavailable, Refused
from faceitbot.core.models import JobRun
from faceitbot.jobs.runner import Runner
from faceitbot.jobs.table import JOBS, job_named
from faceitbot.management.commands import doctor
from tests.faceitbot.health.scans import scanned
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)


def asked(*words):
    """Give the exit code and what was printed."""
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("doctor", *words, stdout=out, no_color=True)
    return end.value.code, out.getvalue()


@pytest.fixture
def late():
    """All jobs were done an hour ago."""
    at = clock.now() - timedelta(hours=1)
    JobRun.objects.bulk_create(
        JobRun(name=job.name, started_at=at, ended_at=at, alive_until=at, outcome="done") for job in JOBS
    )
    return at


def test_a_late_job_is_told_since_when_what_still_works_and_what_to_do(late):
    code, told = asked()

    lines = [line.split(maxsplit=1) for line in told.splitlines()]
    (place,) = [number for number, line in enumerate(lines) if line[1].startswith("Jobs ")]
    assert code == 1
    assert lines[place][0] == "down"
    assert "jobs are late: End of subscriptions, Campaigns" in lines[place][1]
    told_next = told.splitlines()[place + 1 : place + 4]
    due = (late + timedelta(minutes=1)).astimezone(clock.bot_zone())
    assert f"since  {due:%Y-%m-%d %H:%M:%S} MSK, 59\u00a0minutes ago" in told_next[0]
    assert "still works  Access and limits go by the clock" in told_next[1]
    assert "next  python manage.py run_jobs" in told_next[2]


def test_json_holds_the_same(late):
    code, told = asked("--json")

    found = json.loads(told)
    jobs = next(check for check in found["checks"] if check["name"] == "jobs")
    assert (code, found["state"]) == (1, "degraded")
    assert set(jobs) == {"name", "title", "state", "sentence", "since", "still_works", "next"}
    assert jobs["state"] == "down"


def test_in_full_it_looks_at_what_is_stored_first():
    code, told = asked("--full")

    assert "claims about what is stored hold." in told
    assert JobRun.objects.get().name == "check_integrity"
    assert code == 1  # nobody has run the other jobs


def scanned_an_hour_ago(broken=0):
    scanned(clock.now() - timedelta(hours=1), broken=broken)


def another_is_at_it(_patch):
    now = clock.now()
    JobRun.objects.create(
        name="check_integrity", started_at=now, alive_until=now + timedelta(hours=1), process="there:1"
    )


def it_fails(monkeypatch):
    def fail():
        raise Refused("too much at once")

    job = replace(job_named("check_integrity"), work=fail)
    monkeypatch.setattr(doctor, "job_named", lambda _name: job)


def nobody_may_write(monkeypatch):
    def run_once(_runner, _job):
        raise DatabaseUnavailable("PostgreSQL lets nobody write", code="read_only")

    monkeypatch.setattr(Runner, "run_once", run_once)


@pytest.mark.parametrize(
    ("hinder", "why"),
    [
        (another_is_at_it, "another process is at it"),
        (it_fails, "refused: too much at once"),
        (nobody_may_write, "PostgreSQL lets nobody write"),
    ],
)
def test_in_full_an_older_scan_is_not_told_as_a_new_one(monkeypatch, hinder, why):
    scanned_an_hour_ago()
    hinder(monkeypatch)

    code, told = asked("--full", "--json")

    integrity = next(check for check in json.loads(told)["checks"] if check["name"] == "integrity")
    assert (integrity["state"], integrity["sentence"]) == ("degraded", f"The scan was not done: {why}.")
    assert code == 1


def test_in_full_what_an_older_scan_has_found_is_told_still(monkeypatch):
    scanned_an_hour_ago(broken=1)
    it_fails(monkeypatch)

    _code, told = asked("--full", "--json")

    integrity = next(check for check in json.loads(told)["checks"] if check["name"] == "integrity")
    assert integrity["state"] == "down"


def test_the_page_tells_staff_the_same(late):
    browser = Client()
    browser.force_login(StaffFactory.create(is_superuser=True))

    page = browser.get(reverse("admin:health")).text

    assert "jobs are late: End of subscriptions" in page
    assert "python manage.py run_jobs" in page
    assert 'id="jobs"' in page
    assert "PostgreSQL" in page
    nobody = Client()
    nobody.force_login(StaffFactory.create(is_superuser=False))
    assert nobody.get(reverse("admin:health")).status_code == 403
