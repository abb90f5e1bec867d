"""The page and the snapshot over HTTP: for whom, how often it is made, what it says of old figures."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import Client
from django.urls import reverse

from faceitbot.core import clock
from faceitbot.core.health.checks import Check, Finding, State, Verdict
from faceitbot.live import snapshots as module
from faceitbot.live.reading import Figures, Reading
from faceitbot.live.snapshots import Snapshots
from faceitbot.live.telling import tell
from faceitbot.staff_room.landing.events import Happened
from tests.eventually import eventually
from tests.factories import StaffFactory

LIVE, SNAPSHOT = reverse("admin:live"), reverse("admin:live_snapshot")
EMPTY = {"requests": 0, "revenue_today": 0, "errors": 0, "p95_ms": None, "hit_rate": None}
NAMES = ("requests", "errors", "p50_ms", "p95_ms", "active_users", "revenue")
SERIES: dict[str, list[Any]] = {name: [] for name in NAMES}


def figures(at=None, **now):
    present = {"active_now": 0, "active_users": 0, **EMPTY}
    return Figures(at or clock.now(), {**present, **now}, present, SERIES, Happened([], [], []))


def verdict(name, state, sentence="It is so.", **more):
    check = Check(name, name.title(), lambda: Finding(state, sentence), "All else.", "look", **more)
    return Verdict(check, check.look())


@pytest.fixture
def page():
    client = Client()
    client.force_login(StaffFactory.create())
    return client


@pytest.mark.django_db
def test_the_page_has_a_place_for_each_figure_and_chart(page):
    answer = page.get(LIVE)

    text = answer.content.decode()
    for name in ("active_now", "requests", "revenue", "errors", "p95", "hit_rate"):
        assert f'data-figure="{name}"' in text
    assert text.count("data-live-chart=") == 4
    assert 'data-socket="/admin/live/socket/?language=en"' in text
    assert "Right now" in text


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LIVE, SNAPSHOT])
def test_who_lacks_a_right_is_refused_and_sees_no_link(path):
    account = StaffFactory.create(is_superuser=False)
    account.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_user", "view_payment", "view_jobrun"])
    )
    client = Client()
    client.force_login(account)

    assert client.get(path).status_code == 403
    assert LIVE not in client.get(reverse("admin:index")).content.decode()


@pytest.mark.django_db
def test_what_has_not_changed_is_not_sent_again(page, monkeypatch):
    moments = iter(range(1, 9))
    told = [figures(active_now=12), figures(active_now=12), figures(active_now=13)]

    def read():
        return Reading(clock.now(), [verdict("database", State.FINE)], told[next(moments) - 1])

    monkeypatch.setattr(module, "TICK_SECONDS", 0)  # each question makes a new one
    monkeypatch.setattr("faceitbot.live.page.snapshots", Snapshots(read))

    first = page.get(SNAPSHOT)
    same = page.get(SNAPSHOT, headers={"If-None-Match": first["ETag"]})
    other = page.get(SNAPSHOT, headers={"If-None-Match": first["ETag"]})

    assert first.json()["figures"]["active_now"]["figure"] == "12"
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert (other.status_code, other.json()["figures"]["active_now"]["figure"]) == (200, "13")
    assert "no-store" in first["Cache-Control"]


def etag_of(lamp):
    read = figures(at=datetime(2026, 6, 22, tzinfo=UTC))
    return Snapshots(lambda: Reading(read.at, [lamp], read)).current().told("en").etag


def test_how_fast_a_server_answers_is_no_news():
    fast, slow = (
        etag_of(verdict("database", State.FINE, f"It answers in {ms} ms.", about_server=True))
        for ms in (2, 3)
    )
    one, two = (etag_of(verdict("reviews", State.FINE, f"{n} payments wait.")) for n in (1, 2))
    why, other = (
        etag_of(verdict("database", State.DOWN, f"No answer: {why}.", about_server=True))
        for why in ("refused", "frozen")
    )

    assert fast == slow
    assert len({fast, one, two, why, other}) == 5


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_snapshot_holds_no_connection():
    being_made, may_end = threading.Event(), threading.Event()
    held: list[Any] = []

    def read():
        being_made.set()
        assert may_end.wait(20)
        return Reading(clock.now(), [], figures())

    def ask():
        connection.ensure_connection()
        held.append(connections[DEFAULT_DB_ALIAS])
        shared.current()

    shared = Snapshots(read)
    askers = [threading.Thread(target=shared.current)]
    askers += [threading.Thread(target=ask) for _each in range(5)]
    try:
        for asker in askers:
            asker.start()
            assert being_made.wait(20)
        eventually(lambda: len(held) == 5 and all(each.connection is None for each in held))
    finally:
        may_end.set()
        for asker in askers:
            asker.join()


def test_all_who_ask_at_once_get_one_snapshot():
    made = []

    def read():
        made.append(clock.now())
        return Reading(made[-1], [], figures())

    shared, got = Snapshots(read), []
    askers = [threading.Thread(target=lambda: got.append(shared.current())) for _each in range(20)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert len(made) == 1
    assert len({id(snapshot) for snapshot in got}) == 1


def test_a_snapshot_speaks_both_languages():
    reading = Reading(clock.now(), [verdict("reviews", State.DOWN)], figures(p95_ms=1_234.0))

    russian, english = tell(reading, "ru"), tell(reading, "en")

    assert english["figures"]["p95"]["figure"] == "1.23 s"
    assert russian["figures"]["p95"]["figure"] == "1,23 с"
    assert (english["lamps"][0]["word"], russian["lamps"][0]["word"]) == ("overdue", "просрочены")


def test_figures_that_could_not_be_read_are_the_last_ones_and_say_so():
    old = datetime(2026, 6, 22, 9, 5, 7, tzinfo=UTC)  # five past twelve in Moscow
    reading = Reading(clock.now(), [verdict("database", State.DOWN)], figures(at=old, active_now=5))
    reading_at_all = Reading(clock.now(), [verdict("database", State.DOWN)], None)

    told, nothing = tell(reading, "en"), tell(reading_at_all, "en")

    assert told["stale"] == "The database does not answer: the figures are those of 12:05:07."
    assert told["figures"]["active_now"]["figure"] == "5"
    assert "figures" not in nothing
    assert nothing["stale"].endswith("there are no figures yet.")


def test_a_change_for_the_better_is_marked_and_no_other():
    before = {
        "active_users": 10,
        "requests": 100,
        "revenue_today": 100,
        "errors": 10,
        "p95_ms": 2000.0,
        "hit_rate": 50.0,
    }
    now = {
        "active_users": 12,
        "requests": 50,
        "revenue_today": 100,
        "errors": 5,
        "p95_ms": 3000.0,
        "hit_rate": 55.2,
    }
    read = Figures(clock.now(), {"active_now": 3, **now}, before, SERIES, Happened([], [], []))

    told = tell(Reading(read.at, [], read), "en")["figures"]

    assert {name: (one["change"], one["better"]) for name, one in told.items()} == {
        "active_now": ("+20\u202f%", True),
        "requests": ("−50\u202f%", False),
        "revenue": ("as before", False),
        "errors": ("−50\u202f%", True),
        "p95": ("+50\u202f%", False),
        "hit_rate": ("+5 p.p.", True),
    }
    assert json.dumps(told)
