"""A look at many checks ends in time, and remembers since when something is wrong."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from faceitbot.core.cache.registry import server_of
from faceitbot.core.errors import DatabaseUnavailable, Refused
from faceitbot.core.health import memory
from faceitbot.core.health.checks import Check, Finding, Needs, State, Verdict, overall, spoken
from faceitbot.core.health.looking import look
from faceitbot.core.models import HealthState
from faceitbot.health import watching
from faceitbot.health.watching import Watch
from faceitbot.staff_room.changes import change
from tests.eventually import eventually

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FINE = Finding(State.FINE, "Fine.")


def check(name, finding=FINE, needs=Needs.NOTHING, **more):
    def seen():
        return finding() if callable(finding) else finding

    return Check(name, name, seen, "Everything.", "nothing", needs, **more)


def states(*checks, seconds=1.0):
    return {verdict.name: verdict.state.value for verdict in look(checks, seconds)}


def test_what_hangs_holds_up_nothing_else():
    hangs = threading.Event()
    server = check("server", lambda: hangs.wait(5) and FINE, Needs.DATABASE, about_server=True)
    started = time.monotonic()

    found = states(server, check("rows", needs=Needs.DATABASE), check("disk"), seconds=0.2)

    assert time.monotonic() - started < 1
    assert found == {"server": "down", "rows": "unknown", "disk": "fine"}
    hangs.set()


def test_when_the_server_is_down_nobody_asks_it_more():
    asked = []
    server = check("server", Finding(State.DOWN, "Down."), Needs.DATABASE, about_server=True)
    rows = check("rows", lambda: asked.append("rows"), Needs.DATABASE)

    assert states(server, rows) == {"server": "down", "rows": "unknown"}
    assert asked == []


@pytest.mark.parametrize("error", [DatabaseUnavailable("slow"), DatabaseUnavailable("no", code="read_only")])
def test_a_check_that_cannot_look_stops_no_other(error):
    def fail():
        raise error

    slow = check("slow", fail, Needs.DATABASE)

    assert states(slow, check("rows", needs=Needs.DATABASE)) == {"slow": "unknown", "rows": "fine"}


def test_a_server_that_does_not_let_itself_be_looked_at_is_asked_no_more():
    def fail():
        raise DatabaseUnavailable("away")

    server = check("server", fail, Needs.DATABASE, about_server=True)

    assert states(server, check("rows", needs=Needs.DATABASE)) == {"server": "unknown", "rows": "unknown"}


def test_nobody_looks_on_when_the_time_is_over():
    hangs, asked = threading.Event(), []
    slow = check("slow", lambda: hangs.wait(5) and FINE, Needs.DATABASE)
    rows = check("rows", lambda: asked.append("rows"), Needs.DATABASE)

    assert states(slow, rows, seconds=0.1) == {"slow": "unknown", "rows": "unknown"}
    hangs.set()
    eventually(lambda: "faceitbot-health" not in {thread.name for thread in threading.enumerate()})

    assert asked == []


def test_a_check_that_is_down_for_itself_stops_no_other():
    jobs = check("jobs", Finding(State.DOWN, "Late."), Needs.DATABASE)

    assert states(jobs, check("rows", needs=Needs.DATABASE)) == {"jobs": "down", "rows": "fine"}


@pytest.mark.parametrize(
    ("error", "state"), [(DatabaseUnavailable("away"), "unknown"), (Refused("no"), "degraded")]
)
def test_a_check_that_cannot_look_says_so(error, state):
    def fail():
        raise error

    assert states(check("rows", fail)) == {"rows": state}


def verdict(state, name="rows", since=None, needs=Needs.DATABASE, vital=False):
    return Verdict(check(name, needs=needs, vital=vital), Finding(state, "So."), since)


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ([verdict(State.FINE)], "fine"),
        ([verdict(State.FINE), verdict(State.UNKNOWN)], "degraded"),
        ([verdict(State.DOWN)], "degraded"),
        ([verdict(State.DOWN, vital=True), verdict(State.FINE)], "down"),
        ([verdict(State.DEGRADED, vital=True)], "degraded"),
    ],
)
def test_only_what_is_vital_brings_all_down(verdicts, whole):
    assert overall(verdicts) == whole


def test_a_text_speaks_the_language_of_whoever_reads_it():
    text = spoken(lambda: change(3, 0)[0])

    with translation.override("ru"):
        russian = str(text)

    assert str(text) != russian


def since(*verdicts, now):
    return [each.since for each in memory.remember(verdicts, now)]


@pytest.fixture
def _nothing_remembered(db):
    server_of("stats_cache").client.delete("health:states")


@pytest.mark.usefixtures("_nothing_remembered")
@pytest.mark.django_db
def test_what_stays_wrong_is_so_since_it_was_first_seen():
    assert since(verdict(State.FINE), now=NOON) == [None]
    assert since(verdict(State.DEGRADED), now=NOON + MINUTE) == [NOON + MINUTE]
    assert since(verdict(State.DOWN), now=NOON + 2 * MINUTE) == [NOON + MINUTE]
    assert since(verdict(State.FINE), now=NOON + 3 * MINUTE) == [None]
    assert since(verdict(State.DOWN), now=NOON + 4 * MINUTE) == [NOON + 4 * MINUTE]
    assert list(HealthState.objects.values_list("name", "state")) == [("rows", "down")]


@pytest.mark.usefixtures("_nothing_remembered")
@pytest.mark.django_db
def test_what_the_rows_know_counts_more_than_when_it_was_seen():
    assert since(verdict(State.DOWN, since=NOON - MINUTE), now=NOON) == [NOON - MINUTE]


@pytest.mark.usefixtures("_nothing_remembered")
@pytest.mark.django_db
def test_while_one_store_is_away_the_other_remembers_and_tells_no_old_tale():
    down = verdict(State.DOWN, "database", vital=True)
    assert since(down, now=NOON) == [NOON]
    assert since(down, now=NOON + MINUTE) == [NOON]
    assert HealthState.objects.count() == 0

    assert since(verdict(State.FINE, "database", vital=True), now=NOON + 2 * MINUTE) == [None]

    assert since(down, now=NOON + 3 * MINUTE) == [NOON + 3 * MINUTE]


@pytest.mark.usefixtures("_nothing_remembered")
@pytest.mark.django_db
def test_what_cannot_be_known_just_now_keeps_its_beginning():
    assert since(verdict(State.DOWN, needs=Needs.CACHE), now=NOON) == [NOON]
    assert since(verdict(State.UNKNOWN, needs=Needs.CACHE), now=NOON + MINUTE) == [None]

    assert since(verdict(State.DOWN, needs=Needs.CACHE), now=NOON + 2 * MINUTE) == [NOON]


AN_HOUR_AGO = NOON - timedelta(hours=1)


@pytest.mark.usefixtures("_nothing_remembered")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "1",
        "{",
        b"\xff",
        "[" * 100_000,
        '{"rows": 5}',
        '{"rows": ["down"]}',
        '{"rows": ["down", 5]}',
        f'{{"rows": ["odd", "{AN_HOUR_AGO.isoformat()}"]}}',
        f'{{"rows": ["down", "{AN_HOUR_AGO.replace(tzinfo=None).isoformat()}"]}}',
    ],
)
def test_what_others_have_written_there_tells_nothing_and_is_written_over(text):
    client = server_of("stats_cache").client
    client.set("health:states", text)

    assert since(verdict(State.DOWN), now=NOON) == [NOON]

    HealthState.objects.all().delete()
    assert since(verdict(State.DOWN), now=NOON + MINUTE) == [NOON]


@pytest.mark.usefixtures("_nothing_remembered")
@pytest.mark.django_db
def test_what_nobody_looks_at_any_more_ends():
    client = server_of("stats_cache").client
    kept = memory.KEPT_FOR.total_seconds()

    since(verdict(State.DOWN), now=NOON)
    assert kept - 60 < client.ttl("health:states") <= kept
    client.expire("health:states", 5)
    since(verdict(State.DOWN), now=NOON)

    assert client.ttl("health:states") > 5, "a look does not keep it"


def test_the_watch_looks_on_after_a_look_that_went_wrong(monkeypatch):
    looks = iter([ZeroDivisionError, TypeError])
    noted = threading.Event()

    def look_at_them(_checks):
        for error in looks:
            raise error
        return []

    monkeypatch.setattr(watching, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(watching, "look", look_at_them)
    monkeypatch.setattr(watching, "remember", lambda verdicts: verdicts)
    monkeypatch.setattr(watching, "note_verdicts", lambda _verdicts: noted.set())
    watch = Watch()
    watch.start()

    eventually(noted.is_set)
    watch.end()
    eventually(lambda: not watch._thread.is_alive())
