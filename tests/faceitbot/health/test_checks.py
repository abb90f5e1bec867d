"""Each check turns when what it looks at is wrong, and says so."""

import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import connection, transaction

from analytics.models import Span, Watermark
from analytics.rollups.counts import COUNTS
from faceitbot.core import clock
from faceitbot.core.cache import reports
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.counters import HIT, MISS, Counters
from faceitbot.core.cache.maintenance import look_at_server
from faceitbot.core.cache.registry import server_of
from faceitbot.core.health import caching, database, registry
from faceitbot.core.health.checks import State
from faceitbot.core.health.looking import look_at
from faceitbot.core.models import JobRun
from faceitbot.jobs.table import JOBS
from subscriptions.models import Notice, StarSync
from subscriptions.repositories import PaymentRepository
from tests.factories import PaymentFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GIB = 1024**3
money = PaymentRepository()
Usage = namedtuple("Usage", "total used free")


def verdict(name):
    (check,) = registry.checks(name)
    return look_at(check)


def found(name):
    """Give the state and the sentence of a check."""
    told = verdict(name)
    return told.state.value, str(told.finding.sentence)


def test_postgresql_answers_or_lets_nobody_write(monkeypatch):
    assert found("database")[0] == "fine"

    read_only = "SELECT '18.0', true"
    monkeypatch.setattr(database, "_SERVER", read_only)

    assert found("database") == ("degraded", "PostgreSQL 18.0 lets nobody write.")


def test_tables_that_are_older_or_newer_than_the_program():
    assert found("migrations") == ("fine", "The tables are those of this version.")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_new', now())"
        )
    assert found("migrations") == ("degraded", "The tables are those of a newer version than this program.")
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'core' AND name = ("
            "SELECT max(name) FROM django_migrations WHERE app = 'core' AND name < '9999')"
        )

    assert found("migrations")[0] == "down"
    assert found("migrations")[1].endswith("not been run.")
    assert verdict("migrations").next_step == "python manage.py migrate"


def test_connections_run_out(monkeypatch):
    assert found("pool")[0] == "fine"
    monkeypatch.setattr(database, "_CONNECTIONS", "SELECT 78, 97")

    assert found("pool") == ("degraded", "78 of 97 connections are in use.")


@pytest.mark.parametrize(("seconds", "word"), [(-60, "ahead of"), (60, "behind")])
def test_clocks_that_differ(monkeypatch, seconds, word):
    assert found("clock")[0] == "fine"
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=seconds))

    state, sentence = found("clock")

    assert state == "degraded"
    assert f"s {word} ours" in sentence


@pytest.mark.parametrize(
    ("free", "total", "state"),
    [(6, 1000, "fine"), (4, 1000, "degraded"), (0.4, 1000, "down"), (2, 10, "fine"), (0.9, 10, "degraded")],
)
def test_a_disk_that_fills_up(monkeypatch, free, total, state):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(total * GIB, 0, free * GIB))

    assert found("disk") == (state, f"{free:.1f} of {total:.1f} GiB are free on this machine.")


def test_the_database_has_room_to_write():
    state, sentence = found("database_disk")

    assert state == "fine"
    assert sentence.endswith("has room to write.")


@pytest.mark.django_db(transaction=True)
def test_the_room_of_a_database_that_lets_nobody_write_is_not_known():
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")

        assert found("database_disk") == (
            "unknown",
            "PostgreSQL lets nobody write: what room it has is not known.",
        )


def test_a_round_trip_to_valkey(monkeypatch):
    assert found("cache")[0] == "fine"
    monkeypatch.setattr(caching, "TRIES", 0)

    assert found("cache")[0] == "down"


def test_valkey_that_is_full_and_makes_no_room(monkeypatch):
    real = look_at_server("stats_cache")
    assert found("cache_memory")[0] == "fine"
    figures = {"used_memory": 95 * 2**20, "max_memory": 100 * 2**20, "evicted": 12_345}

    def pretend(policy):
        changed = {**vars(real), **figures, "policy": policy}
        monkeypatch.setattr(caching, "look_at_server", lambda _alias: type(real)(**changed))

    pretend("allkeys-lru")
    assert found("cache_memory")[0] == "fine"
    pretend("noeviction")
    assert found("cache_memory") == ("degraded", "95 of 100 MiB in use; 12\u202f345 keys evicted.")


def test_caches_that_hardly_serve():
    client = server_of("stats_cache").client
    for name in client.keys("*:counters:*"):
        client.delete(name)
    assert found("cache_hit_rate")[0] == "fine"
    counters = Counters()
    counters.add(HIT, 300)
    counters.add(MISS, 700)
    reports.send(client, {"player_cache": counters})

    assert found("cache_hit_rate") == (
        "degraded",
        "30 % of 1\u202f000 reads within two hours needed no database.",
    )
    counters.add(HIT, 9_000)
    reports.send(client, {ALIASES[0]: counters})
    assert found("cache_hit_rate")[0] == "fine"


@pytest.mark.parametrize(
    ("waited", "state"), [(30 * MINUTE, "fine"), (2 * HOUR, "degraded"), (25 * HOUR, "down")]
)
def test_payments_that_nobody_looks_at(waited, state):
    assert found("reviews") == ("fine", "All payments are matched.")
    since = clock.now() - waited
    money.record_successful_payment.blocking(5_000_000_001, "nothing", "XTR", 5, "odd", now=since)

    assert found("reviews") == (state, "1 payment could not be matched.")
    assert verdict("reviews").since == since
    assert str(verdict("reviews").next_step).endswith("status__exact=needs_review")


@pytest.mark.parametrize(
    ("waited", "state"), [(10 * MINUTE, "fine"), (HOUR, "degraded"), (25 * HOUR, "down")]
)
def test_refunds_that_do_not_go_through(waited, state):
    assert found("refunds") == ("fine", "No refund waits.")
    since = clock.now() - waited
    user, staff = UserFactory.create(), StaffFactory.create()
    order = money.create_order.blocking(user.pk, "premium")
    done = money.record_successful_payment.blocking(user.telegram_id, order.payload, "XTR", order.stars, "1")
    money.request_refund.blocking(done.payment.pk, actor=staff, reason="he asked", now=since)

    assert found("refunds") == (state, "1 refund waits for Telegram.")
    assert verdict("refunds").since == since


def test_a_list_of_stars_that_nobody_reads():
    assert found("reconciliation") == ("fine", "Nothing has been sold yet.")
    PaymentFactory.create()
    assert found("reconciliation") == ("degraded", "Telegram's list of Stars has never been read.")
    read_at = clock.now() - 90 * MINUTE
    StarSync.objects.update_or_create(id=1, defaults={"finished_at": read_at})

    assert found("reconciliation") == ("degraded", "Telegram's list of Stars was read 90 minutes ago.")
    assert verdict("reconciliation").since == read_at
    StarSync.objects.update(finished_at=clock.now())
    assert found("reconciliation")[0] == "fine"


def test_notices_that_no_bot_takes():
    assert found("notices")[0] == "fine"
    since = clock.now() - HOUR
    Notice.objects.create(user=UserFactory.create(), kind="expired", subject="1", created_at=since)

    assert found("notices") == ("degraded", "The bot has not yet taken 1 notice.")
    assert verdict("notices").since == since


@pytest.mark.parametrize(("behind", "state"), [(HOUR, "fine"), (3 * HOUR, "degraded"), (27 * HOUR, "down")])
def test_sums_that_lag(behind, state):
    assert found("roll_ups") == ("degraded", "Nothing has been summed up yet.")
    until = clock.now() - behind
    Watermark.objects.bulk_create(
        [Watermark(name=name, span=Span.HOUR, zone="", until=until) for name in COUNTS]
    )

    told = verdict("roll_ups")

    assert told.state == state
    assert told.since == (until if state != "fine" else None)
    assert told.next_step == "python manage.py run_jobs --once update_rollups"


def ran(name, ago, outcome="done", **more):
    at = clock.now() - ago
    return JobRun.objects.create(
        name=name, started_at=at, ended_at=at, alive_until=at, outcome=outcome, **more
    )


def all_ran():
    for job in JOBS:
        ran(job.name, timedelta())


def test_a_late_job_is_red():
    assert found("jobs") == ("degraded", "No job has ever run.")
    all_ran()
    assert found("jobs") == ("fine", "All jobs are done in time.")
    JobRun.objects.filter(name="run_campaigns").delete()
    last = ran("run_campaigns", 10 * MINUTE)

    told = verdict("jobs")

    assert (told.state, str(told.finding.sentence)) == (State.DOWN, "1 job is late: Campaigns.")
    assert told.since == last.started_at + MINUTE
    assert told.next_step == "python manage.py run_jobs --once run_campaigns"
    assert "wait for no job" in str(told.check.still_works)


def test_all_jobs_are_late_when_nobody_runs_them():
    for job in JOBS:
        ran(job.name, 3 * DAY)

    state, sentence = found("jobs")

    assert state == "down"
    assert sentence.startswith(f"{len(JOBS)} jobs are late: End of subscriptions, ")
    assert verdict("jobs").next_step == "python manage.py run_jobs"


def test_a_job_that_kills_its_process_is_told_and_late():
    all_ran()
    JobRun.objects.filter(name="run_campaigns").delete()
    done = ran("run_campaigns", HOUR)
    for minutes in (50, 30, 10):
        ran("run_campaigns", minutes * MINUTE, "lost")
    JobRun.objects.create(
        name="run_campaigns", started_at=clock.now(), alive_until=clock.now() + MINUTE, process="here:1"
    )

    told = verdict("jobs")
    assert (told.state, told.since) == (State.DOWN, done.ended_at + MINUTE)
    JobRun.objects.filter(pk=done.pk).update(ended_at=clock.now() - 3 * MINUTE)
    JobRun.objects.filter(started_at__lt=clock.now() - 20 * MINUTE, outcome="lost").delete()
    JobRun.objects.filter(outcome="lost").update(started_at=clock.now() - 2 * MINUTE)

    assert found("jobs") == (
        "degraded",
        "The job “Campaigns” fails, and is tried again: lost with its process.",
    )


def test_a_job_that_fails_is_told_before_it_is_late():
    all_ran()
    failed = ran("prune_stats", -timedelta(seconds=1), "failed", error="database_unavailable: too slow")

    told = verdict("jobs")

    assert told.state == "degraded"
    assert "The job “Pruning of players' cards” fails" in str(told.finding.sentence)
    assert "too slow" in str(told.finding.sentence)
    assert told.since == failed.ended_at


def test_what_the_last_look_at_the_rows_has_found():
    assert found("integrity")[0] == "degraded"
    ran("check_integrity", HOUR, figures={"claims": 18, "broken": 0})
    assert found("integrity") == ("fine", "All 18 claims about what is stored hold.")
    ran("check_integrity", MINUTE, figures={"claims": 18, "broken": 1, "one_grant": 4})

    assert found("integrity") == ("down", "1 claim about what is stored does not hold: one_grant.")
    JobRun.objects.all().delete()
    ran("check_integrity", 3 * DAY, figures={"claims": 18, "broken": 0})
    assert found("integrity") == ("degraded", "The last look at what is stored is too old.")


def test_every_check_says_what_still_works_and_what_to_do():
    for check in registry.checks():
        assert str(check.title)
        assert str(check.still_works).endswith(".")
        assert str(check.next_step)
