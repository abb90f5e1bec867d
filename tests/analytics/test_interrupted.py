"""Whoever makes roll-ups may be killed, run twice, or meet somebody who adds something late."""

import random
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from analytics.models import ActiveMonth, LateHour, RollUp, Watermark
from analytics.repositories import RollUpRepository
from analytics.rollups import watermarks
from analytics.rollups.reading import History
from analytics.rollups.watermarks import lock_makers, settled
from tests.analytics import plain
from tests.analytics.past import FIRST, NOW, make_past
from tests.factories import UserFactory
from tests.other_process import environment
from users.models import UserActivity
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
THEN = FIRST.replace(minute=0, second=0, microsecond=0) + 3 * DAY
TABLES = (RollUp, ActiveMonth, Watermark)
sums, users = RollUpRepository(), UserRepository()


def stored():
    return [set(table.objects.values_list()) for table in TABLES]


def in_a_thread(work):
    """Run in a thread that closes its connection."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@contextmanager
def held_open(work):
    """Do something in a transaction of another thread, which commits when the block ends."""
    done, go_on = threading.Event(), threading.Event()

    def transact():
        with transaction.atomic():
            work()
            done.set()
            assert go_on.wait(20)

    thread = in_a_thread(transact)
    assert done.wait(20)
    try:
        yield
    finally:
        go_on.set()
        thread.join()


@pytest.mark.proof("roll_ups_killed")
def test_killed_at_random_it_comes_to_the_same(full_size, report):
    make_past()
    sums.update_roll_ups.blocking(now=NOW)
    undisturbed = stored()
    for table in TABLES:
        table.objects.all().delete()
    chance = random.Random(7)
    deaths = [str(chance.randint(1, 500)) for _ in range(200 if full_size else 12)]

    ran = subprocess.run(
        [sys.executable, "-m", "tests.analytics.rolling_worker", *deaths],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    killed = int(ran.stdout)
    if full_size:
        report(f"{killed} of {len(deaths)} runs were killed before they had come to their end")
    assert killed >= 4
    assert [found ^ expected for found, expected in zip(stored(), undisturbed, strict=True)] == [set()] * 3


@pytest.mark.parametrize("is_protected", [True, False])
def test_whoever_adds_something_late_is_waited_for(monkeypatch, is_protected):
    """The control does not ask for late writers, and loses what one of them has not committed yet."""
    if not is_protected:
        monkeypatch.setattr(watermarks, "_NOBODY_IS_LATE", "SELECT true")
    user = UserFactory.create(created_at=FIRST)
    UserActivity.objects.create(user=user, hour=THEN - DAY, requests=1)
    sums.update_roll_ups.blocking(until=THEN - HOUR, now=NOW)
    count = {"user_id": user.telegram_id, "timestamp": THEN, "requests": 5}

    with held_open(lambda: users.bulk_update_activity.blocking([count])):
        summing_up = in_a_thread(lambda: sums.update_roll_ups.blocking(until=THEN + DAY, now=NOW))
        summing_up.join(timeout=2 if is_protected else 20)
        assert summing_up.is_alive() is is_protected
    summing_up.join()

    found = History.read().total("requests", FIRST, NOW)
    assert plain.total("requests", FIRST, NOW) == 6
    assert found == (6 if is_protected else 1)


def test_what_is_added_while_late_hours_are_made_anew_is_made_anew_next():
    user = UserFactory.create(created_at=FIRST)
    sums.update_roll_ups.blocking(now=NOW)
    count = {"user_id": user.telegram_id, "timestamp": THEN}
    users.bulk_update_activity.blocking([count])

    with held_open(lambda: users.bulk_update_activity.blocking([count])):
        summing_up = in_a_thread(lambda: sums.update_roll_ups.blocking(now=NOW))
    summing_up.join()

    assert History.read().total("requests", FIRST, NOW) == 2
    sums.update_roll_ups.blocking(now=NOW)
    assert not LateHour.objects.exists()
    assert History.read().total("requests", FIRST, NOW) == 2


def test_a_second_one_does_nothing(capsys):
    UserFactory.create()
    with held_open(lock_makers):
        call_command("update_rollups")
    assert capsys.readouterr().out == "Another process is at it.\n"
    assert not Watermark.objects.exists()


def test_nothing_is_summed_up_that_somebody_still_writes():
    moment = connection_moment()
    with held_open(UserFactory.create):
        assert moment <= settled(moment + DAY) < moment + HOUR
    assert settled(moment + DAY) == moment + DAY - timedelta(minutes=5)


def connection_moment():
    """Give the moment by the clock of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
