"""Who gets the socket, what he is sent, and when it is taken from him."""

import json

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from websockets.exceptions import ConnectionClosed, InvalidStatus

from faceitbot.live.consumer import NOT_ALLOWED, TOO_SLOW
from tests.eventually import eventually
from tests.faceitbot.live.serving import RIGHTS_SECONDS, cookie_of
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)


def snapshot(viewer, within=20):
    """Take the next snapshot, and say so, as the page does."""
    told = json.loads(viewer.recv(timeout=within))
    viewer.send("got it")
    return told


def snapshots(viewer, within):
    """Take snapshots until the socket is closed."""
    while True:
        snapshot(viewer, within)


def closed_with(viewer, within):
    """Give the code that a socket is closed with."""
    with pytest.raises(ConnectionClosed) as caught:
        snapshots(viewer, within)
    return caught.value.rcvd.code


def test_a_viewer_is_sent_whole_snapshots(server, cookie):
    nothing = {"figure": "0\u00a0⭐", "change": "as before", "better": False}

    with server.watch(cookie) as viewer:
        first, second = snapshot(viewer), snapshot(viewer)
        # The first may have been made a moment ago, for viewers of another test.
        later = (snapshot(viewer) for _tick in range(20))
        last = next(each for each in later if each["figures"]["revenue"] == nothing)

    assert first.keys() == second.keys() == {"at", "lamps", "stale", "figures", "charts", "events"}
    assert first["at"] < second["at"]
    assert [lamp["name"] for lamp in first["lamps"]] == ["database", "cache", "jobs", "reviews", "refunds"]
    assert (first["lamps"][0]["title"], first["lamps"][0]["word"]) == ("PostgreSQL", "fine")
    assert last["stale"] == ""


@pytest.mark.parametrize(
    "who", ["nobody", "a user of no staff", "staff with a part of the rights", "signed out"]
)
def test_who_may_not_watch_is_refused(server, who, transactional_db):
    cookie = ""
    if who == "a user of no staff":
        cookie = cookie_of(StaffFactory.create(is_staff=False))
    elif who == "staff with a part of the rights":
        account = StaffFactory.create(is_superuser=False)
        account.user_permissions.add(Permission.objects.get(codename="view_payment"))
        cookie = cookie_of(account)
    elif who == "signed out":
        cookie = cookie_of(StaffFactory.create())
        Session.objects.all().delete()

    with pytest.raises(InvalidStatus) as refused:
        server.watch(cookie)

    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", [None, "http://evil.example", "http://127.0.0.1:1", "null"])
def test_a_page_of_another_host_is_refused(server, cookie, origin):
    with pytest.raises(InvalidStatus) as refused:
        server.watch(cookie, origin=origin)

    assert refused.value.response.status_code == 403


def test_an_address_without_a_page_is_refused(server, cookie, monkeypatch):
    monkeypatch.setattr("tests.faceitbot.live.serving.SOCKET", "/admin/elsewhere/")

    with pytest.raises(InvalidStatus) as refused:
        server.watch(cookie)

    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("what", ["role", "session", "account"])
def test_what_is_taken_from_a_viewer_closes_his_socket(server, staff, cookie, what):
    with server.watch(cookie) as viewer:
        snapshot(viewer)
        if what == "role":
            staff.is_superuser = False
            staff.save()
        elif what == "account":
            type(staff).objects.filter(pk=staff.pk).update(is_active=False)  # past the signals
        else:
            Session.objects.all().delete()

        assert closed_with(viewer, within=RIGHTS_SECONDS + 15) == NOT_ALLOWED


def test_a_viewer_who_says_nothing_is_let_go(server, cookie):
    with server.watch(cookie) as silent:
        silent.recv(timeout=20)

        with pytest.raises(ConnectionClosed) as caught:
            silent.recv(timeout=20)

    assert caught.value.rcvd.code == TOO_SLOW


def test_nothing_is_made_while_nobody_watches(server, cookie):
    with server.watch(cookie) as viewer:
        snapshot(viewer)
        snapshot(viewer)
    eventually(lambda: is_quiet(server), within=20)


def is_quiet(server):
    before = len(server.made)
    try:
        eventually(lambda: len(server.made) > before, within=4 * server.tick)
    except AssertionError:
        return True
    return False
