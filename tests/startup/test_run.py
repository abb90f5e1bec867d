"""`dev.py run` serves the admin, once per checkout, and leaves nothing behind."""

import http.cookiejar
import json
import re
import signal
import socket
import stat
import urllib.parse
import urllib.request
from collections.abc import Callable

import pytest

from faceitbot.embedded import state_folder
from tests.embedded.test_crash_recovery import is_gone
from tests.embedded.test_stopping import descendants
from tests.eventually import eventually
from tests.startup.conftest import Checkout, Running

Start = Callable[..., Running]


class Browser:
    """Just enough of a browser to log in."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies, urllib.request.ProxyHandler({}))

    def get(self, url: str) -> str:
        with self._opener.open(url, timeout=10) as page:
            return page.read().decode()

    def log_in(self, url: str, name: str, password: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(url + "login/"))[1]
        form = {"csrfmiddlewaretoken": token, "username": name, "password": password, "next": "/admin/"}
        with self._opener.open(url + "login/", urllib.parse.urlencode(form).encode(), timeout=10) as page:
            return page.geturl()


def test_the_printed_login_opens_the_admin_with_the_sample_users(
    served_checkout: Checkout, served: Running
) -> None:
    # given
    sample = json.loads((served_checkout.folder / "examples" / "data.json").read_text(encoding="utf-8"))
    telegram_id = str(max(user["user_id"] for user in sample["users"]))
    name, password = re.search(r"login   (\w+) / (\S+)", served.said).groups()
    browser = Browser()

    # when, then
    assert browser.log_in(served.url, name, password) == served.url
    assert telegram_id in browser.get(f"{served.url}users/user/?q={telegram_id}")
    assert "Europe 5v5 Queue" in browser.get(f"{served.url}matches/matchanalysis/")
    eventually(lambda: "expire_subscriptions" in browser.get(f"{served.url}core/jobrun/?outcome__exact=done"))
    assert Browser().log_in(served.url, name, "wrong") == served.url + "login/"
    kept = state_folder(served_checkout.folder) / "staff.password"
    assert kept.read_text() == password + "\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_stop_ends_every_child(running: Start, number: signal.Signals) -> None:
    # given
    up = running()
    children = descendants(up.process.pid)
    assert len(children) >= 3

    # when
    code = up.end(number)

    # then
    assert code == 0
    assert "Traceback" not in up.said
    assert all(is_gone(child) for child in children)


def test_a_killed_launcher_leaves_no_orphan(running: Start) -> None:
    # given
    up = running()
    children = descendants(up.process.pid)

    # when
    up.end(signal.SIGKILL)

    # then: the jobs may be waiting for a connection to the database that has gone before them
    eventually(lambda: all(is_gone(child) for child in children), within=40)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", up.port))


def test_a_second_run_says_which_url_is_up(served_checkout: Checkout, served: Running) -> None:
    second = served_checkout.dev("run")

    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == f"dev.py: This checkout is already up at {served.url}.\n"
    assert Browser().get(served.url + "login/")


def test_a_second_start_installs_nothing_and_keeps_the_database(checkout: Checkout, running: Start) -> None:
    # given
    first = running()
    login = re.search(r"login .*", first.said)[0]
    made = checkout.dev("exec", "--", "python", "manage.py", "shell", "-c", MAKE_GROUP)
    assert made.returncode == 0, made.stderr
    first.end(signal.SIGINT)

    # when
    second = running()

    # then
    assert "Setting up" not in second.said
    assert login in second.said
    found = checkout.dev("exec", "--", "python", "manage.py", "shell", "-c", SHOW_GROUP)
    assert "kept 1" in found.stdout


MAKE_GROUP = "from django.contrib.auth.models import Group; Group.objects.get_or_create(name='kept')"
SHOW_GROUP = (
    "from django.contrib.auth.models import Group; print('kept', Group.objects.filter(name='kept').count())"
)


def test_a_busy_port_is_named_before_anything_starts(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]

        done = checkout.dev("run", "--port", str(port))

    assert done.returncode == 1
    assert done.stderr == (
        f"dev.py: Port {port} of 127.0.0.1 is taken by another program; choose one with --port.\n"
    )


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_refused_by_name(checkout: Checkout, port: str) -> None:
    done = checkout.dev("run", f"--port={port}")

    assert done.returncode == 2
    assert f"{port!r} is not a port from 1 to 65535" in done.stderr


def test_a_host_that_is_not_ours_is_refused_by_name(checkout: Checkout) -> None:
    done = checkout.dev("run", "--host", "192.0.2.1")

    assert done.returncode == 1
    assert done.stderr == "dev.py: Cannot listen on 192.0.2.1: Cannot assign requested address.\n"


def test_a_reset_deletes_the_state_but_not_under_a_running_server(checkout: Checkout, running: Start) -> None:
    # given
    folder = state_folder(checkout.folder)
    up = running()

    # when
    refused = checkout.dev("reset", "--yes")
    up.end(signal.SIGINT)
    unconfirmed = checkout.dev("reset")
    there = (folder / "postgres" / "data").is_dir()
    done = checkout.dev("reset", "--yes")

    # then
    assert refused.returncode == 1
    assert refused.stderr == f"dev.py: This checkout is already up at {up.url}. Nothing was deleted.\n"
    assert unconfirmed.returncode == 1
    assert there
    assert (done.returncode, done.stderr) == (0, f"Deleted {folder}.\n")
    assert not folder.exists()
