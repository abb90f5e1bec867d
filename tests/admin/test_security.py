"""What every answer promises a browser, and what it never gives away."""

import os
import subprocess
import sys
from http.cookies import SimpleCookie

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from faceitbot.asgi import application
from tests.architecture.sources import ROOT
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db
LOGIN = reverse("admin:login")


def policy(answer):
    """Give the content policy of an answer as {directive: set of sources}."""
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: set(sources) for name, *sources in parts}


STRICT = {
    "default-src": {"'self'"},
    "base-uri": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "object-src": {"'none'"},
    "img-src": {"'self'", "data:"},
}
RELAXED = STRICT | {
    "script-src": {"'self'", "'unsafe-eval'"},
    "style-src": {"'self'", "'unsafe-inline'"},
}


@pytest.mark.parametrize("url", [LOGIN, reverse("admin:index"), reverse("admin:users_user_changelist")])
def test_the_pages_of_staff_load_nothing_from_elsewhere(page, url):
    if url == LOGIN:
        page.logout()

    answer = page.get(url)

    assert answer.status_code == 200
    assert policy(answer) == RELAXED


@pytest.mark.parametrize("url", ["/", "/no-such-page", "/i18n/setlang/"])
def test_every_other_page_has_the_strict_policy(client, url):
    assert policy(client.get(url)) == STRICT


@pytest.mark.parametrize("url", ["/", LOGIN, "/no-such-page"])
def test_an_answer_is_not_framed_sniffed_or_told_on(client, url):
    headers = client.get(url).headers

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_cookies_of_a_session_are_out_of_reach_for_scripts_and_for_other_sites(client, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True  # as HTTPS=true makes them
    account = StaffFactory.create()
    account.set_password("a long secret")
    account.save()
    client.get(LOGIN)

    answer = client.post(LOGIN, {"username": account.username, "password": "a long secret"})

    cookies: SimpleCookie = answer.cookies
    assert set(cookies) == {"sessionid", "csrftoken"}
    for cookie in cookies.values():
        assert cookie["secure"] is True
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"


def test_https_is_what_a_server_speaks_unless_told_otherwise():
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "DEBUG")
    environment = {name: value for name, value in os.environ.items() if name not in {"HTTPS", "DEBUG"}}
    code = f"from faceitbot import settings as s; print([getattr(s, name) for name in {names}])"

    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert said.stdout.strip() == "[True, True, True, False]"


def test_a_form_without_its_token_is_refused(staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)

    answer = client.post(reverse("admin:users_user_add"), {"telegram_id": "1", "language": "ru"})

    assert answer.status_code == 403


def test_plain_http_is_sent_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get(LOGIN)

    assert (answer.status_code, answer.url) == (301, f"https://testserver{LOGIN}")


@pytest.mark.parametrize("wanted", ["click-1", "a.b:c_D-9", "x" * 64])
def test_the_id_of_a_request_comes_back(client, wanted):
    assert client.get("/", headers={"X-Request-ID": wanted}).headers["X-Request-ID"] == wanted


@pytest.mark.parametrize("wanted", ["", "x" * 65, "two words", "line\nbreak", "ж"])
def test_an_id_that_would_garble_the_log_is_replaced(client, wanted):
    given = client.get("/", headers={"X-Request-ID": wanted}).headers["X-Request-ID"]

    assert given != wanted
    assert len(given) == 16


async def test_a_websocket_handshake_is_refused():
    socket = ApplicationCommunicator(application, {"type": "websocket", "path": "/ws/", "headers": []})

    await socket.send_input({"type": "websocket.connect"})

    assert (await socket.receive_output())["type"] == "websocket.close"
    await socket.wait()


def test_whoever_opens_the_login_itself_comes_to_the_first_page(client, db):
    StaffFactory.create(username="boss", password=make_password("a password of ours"))

    answer = client.post(LOGIN, {"username": "boss", "password": "a password of ours"})

    assert (answer.status_code, answer.url) == (302, reverse("admin:index"))
