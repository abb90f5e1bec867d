"""Whoever makes roll-ups may be killed, run twice, or meet somebody who adds something late."""

import random
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from analytics.errors import AlreadyRunning
from analytics.models import ActiveMonth, LateHour, RollUp, Watermark
from analytics.repositories import RollUpRepository, rolling
from analytics.rollups import watermarks
from analytics.rollups.reading import History
from analytics.rollups.running import Piece
from analytics.rollups.watermarks import lock_makers, settled
from faceitbot.core.exit_codes import UNAVAILABLE
from tests.analytics import plain
from tests.analytics.past import FIRST, NOW, make_past
from tests.factories import UserFactory
from tests.other_process import environment
from tests.threads import held_open, started
from users.models import UserActivity
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
THEN = FIRST.replace(minute=0, second=0, microsecond=0) + 3 * DAY
TABLES = (RollUp, ActiveMonth, Watermark)
sums, users = RollUpRepository(), UserRepository()


def stored():
    return [set(table.objects.values_list()) for table in TABLES]


@pytest.mark.proof("roll_ups_killed")
def test_killed_at_random_it_comes_to_the_same(full_size, report):
    make_past()
    sums.update_roll_ups.blocking(now=NOW)
    undisturbed = stored()
    chance = random.Random(7)
    times, killed = (20 if full_size else 1), []
    for _time in range(times):
        for table in TABLES:
            table.objects.all().delete()
        deaths = [str(chance.randint(1, 500)) for _ in range(12)]

        ran = subprocess.run(
            [sys.executable, "-m", "tests.analytics.rolling_worker", *deaths],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )

        assert ran.returncode == 0, ran.stderr
        killed.append(int(ran.stdout))
        assert killed[-1] >= 3
        assert [found ^ expected for found, expected in zip(stored(), undisturbed, strict=True)] == [
            set()
        ] * 3
    report(f"made {times} times, killed {sum(killed)} times on the way, {max(killed)} times at most at once")


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
        summing_up = started(lambda: sums.update_roll_ups.blocking(until=THEN + DAY, now=NOW))
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
        summing_up = started(lambda: sums.update_roll_ups.blocking(now=NOW))
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


@pytest.mark.parametrize("option", [[], ["--redo"]])
def test_days_are_made_anew_in_turn_with_another(capsys, option):
    user = UserFactory.create(created_at=FIRST)
    UserActivity.objects.create(user=user, hour=THEN, requests=3)
    sums.update_roll_ups.blocking(now=NOW)
    RollUp.objects.all().delete()

    with held_open(lock_makers):
        anew = started(lambda: call_command("update_rollups", "--from", f"{FIRST:%Y-%m-%d}", *option))
        anew.join(timeout=2)
        assert anew.is_alive()
    anew.join()

    assert capsys.readouterr().out.startswith("Summed up until ")
    assert History.read().total("requests", FIRST, NOW) == 3


def test_a_run_that_has_begun_waits_for_its_turn(monkeypatch):
    UserFactory.create(created_at=FIRST)
    takers: list[Piece] = []
    reached = Piece.advance

    def advance_after_another(piece, calendar, until):
        if len(takers) < 3:
            takers.append(piece)
            raise AlreadyRunning("another process makes sums at this moment")
        return reached(piece, calendar, until)

    monkeypatch.setattr(Piece, "advance", advance_after_another)

    sums.update_roll_ups.blocking(now=NOW)

    assert len(takers) == 3
    assert History.read().summed_up_until() is not None


def test_days_that_another_keeps_from_being_made_anew_are_told(monkeypatch):
    monkeypatch.setattr(rolling, "WAIT_SECONDS", 0)
    done = []

    def remake_until_another_comes(count, calendar, stretches, **_replace):
        done.extend(stretches)
        if done[-1][0] != done[0][0]:
            raise AlreadyRunning("another process makes sums at this moment")

    monkeypatch.setattr(rolling, "remake", remake_until_another_comes)

    with pytest.raises(CommandError, match="only days before 2026-03-08 are made anew; run it again") as told:
        call_command("update_rollups", "--from", "2026-03-01", "--until", "2026-03-20")

    assert told.value.returncode == UNAVAILABLE


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
