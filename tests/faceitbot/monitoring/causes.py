"""What goes wrong with rows and servers, one function for each check; the checks themselves find it."""

import shutil
from collections import namedtuple
from datetime import timedelta

from django.db import connection

from analytics.models import Span, Watermark
from analytics.rollups.counts import COUNTS
from faceitbot.core import clock
from faceitbot.core.cache.maintenance import look_at_server
from faceitbot.core.health import caching
from faceitbot.core.models import JobRun
from faceitbot.jobs.table import JOBS
from subscriptions.models import Notice
from subscriptions.repositories import PaymentRepository
from tests.faceitbot.health.scans import scanned
from tests.factories import PaymentFactory, StaffFactory, UserFactory
from tests.startup.conftest import free_port

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
money = PaymentRepository()
Usage = namedtuple("Usage", "total used free")


def nobody_at_the_address(monkeypatch):
    parameters = {**connection.get_connection_params(), "port": free_port()}
    monkeypatch.setattr(connection, "get_connection_params", lambda: dict(parameters))


def a_migration_that_was_not_run(_monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'core'"
            " AND name = (SELECT max(name) FROM django_migrations WHERE app = 'core')"
        )


def a_full_valkey(monkeypatch):
    real = look_at_server("stats_cache")
    full = {"used_memory": 95 * 2**20, "max_memory": 100 * 2**20, "policy": "noeviction"}
    monkeypatch.setattr(caching, "look_at_server", lambda _alias: type(real)(**{**vars(real), **full}))


def jobs_that_nobody_does(_monkeypatch):
    at = clock.now() - 3 * DAY
    for job in JOBS:
        JobRun.objects.create(name=job.name, started_at=at, ended_at=at, alive_until=at, outcome="done")


def sums_that_lag(_monkeypatch):
    until = clock.now() - 3 * HOUR
    Watermark.objects.bulk_create(
        Watermark(name=name, span=Span.HOUR, zone="", until=until) for name in COUNTS
    )


def a_payment_that_matches_nothing(_monkeypatch):
    money.record_successful_payment.blocking(
        5_000_000_001, "nothing", "XTR", 5, "odd", now=clock.now() - 2 * HOUR
    )


def a_refund_that_waits(_monkeypatch):
    user, staff = UserFactory.create(), StaffFactory.create()
    order = money.create_order.blocking(user.pk, "premium")
    done = money.record_successful_payment.blocking(user.telegram_id, order.payload, "XTR", order.stars, "1")
    money.request_refund.blocking(done.payment.pk, actor=staff, reason="he asked", now=clock.now() - 2 * HOUR)


def a_notice_that_no_bot_takes(_monkeypatch):
    Notice.objects.create(
        user=UserFactory.create(), kind="expired", subject="1", created_at=clock.now() - HOUR
    )


def stars_that_nobody_reads(_monkeypatch):
    PaymentFactory.create()


def a_full_disk(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(100 * 2**30, 0, 2**28))


def a_claim_that_does_not_hold(_monkeypatch):
    scanned(clock.now(), broken=1, one_grant=4)
