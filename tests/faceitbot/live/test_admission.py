"""What a websocket's handshake must bring along: the same as for any page of staff."""

from datetime import timedelta

import pytest
from django.conf import settings as project
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY

from faceitbot.accounts import second_factor
from faceitbot.accounts.sessions import BEGUN, SEEN
from faceitbot.core import clock
from faceitbot.live.admission import is_admitted, is_from_our_page
from tests.admin.roles import member
from tests.factories import StaffFactory


@pytest.fixture
def client():
    return Client()


def headers_of(client):
    session = client.cookies[project.SESSION_COOKIE_NAME].value
    return {b"cookie": f"{project.LANGUAGE_COOKIE_NAME}=en; {project.SESSION_COOKIE_NAME}={session}".encode()}


def write(client, **values):
    session = client.session
    session.update(values)
    session.save()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["support", "finance", "admin"])
def test_every_role_is_admitted(client, role):
    client.force_login(member(role))

    assert is_admitted(headers_of(client))


@pytest.mark.django_db
def test_who_has_not_given_his_code_is_not(client, settings):
    settings.STAFF_TOTP = True
    account = member("finance")
    client.force_login(account)
    assert not is_admitted(headers_of(client))

    app = second_factor.begin(account)
    app.confirmed = True
    app.save()
    assert not is_admitted(headers_of(client))
    write(client, **{DEVICE_ID_SESSION_KEY: app.persistent_id})

    assert is_admitted(headers_of(client))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "age"), [(BEGUN, timedelta(hours=13)), (SEEN, timedelta(minutes=121))], ids=["lasted", "idle"]
)
def test_a_session_that_is_over_is_not(client, key, age):
    client.force_login(member("support"))
    write(client, **{key: (clock.now() - age).timestamp()})

    assert not is_admitted(headers_of(client))
    assert Session.objects.count() == 1


@pytest.mark.django_db
def test_a_new_password_ends_what_the_old_one_has_opened(client):
    account = StaffFactory.create()
    client.force_login(account)
    account.set_password("another")
    account.save()

    assert not is_admitted(headers_of(client))


@pytest.mark.django_db
def test_a_session_of_the_former_secret_key_stays_for_the_next_page(client, settings):
    client.force_login(StaffFactory.create())
    stored = list(Session.objects.values())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the new key", [settings.SECRET_KEY]

    assert is_admitted(headers_of(client))
    assert is_admitted(headers_of(client))
    assert list(Session.objects.values()) == stored
    assert client.get(reverse("admin:live")).status_code == 200

    settings.SECRET_KEY_FALLBACKS = []
    assert is_admitted(headers_of(client))  # for the page has written the new hash
    settings.SECRET_KEY = "a third key"
    assert not is_admitted(headers_of(client))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cookie", [b"", b"sessionid=", b"sessionid=nobody", "sessionid=\xff".encode("latin-1")]
)
def test_cookies_that_are_none_admit_nobody(cookie):
    assert not is_admitted({b"cookie": cookie})


@pytest.mark.parametrize(
    ("host", "origin", "ours"),
    [
        (b"admin.example", b"https://admin.example", True),
        (b"Admin.example:8443", b"https://admin.example:8443", True),
        (b"admin.example", b"https://front.example", True),  # forms are taken from there, too
        (b"admin.example", b"https://admin.example.evil", False),
        (b"admin.example", b"https://evil.example", False),
        (b"admin.example", b"https://admin.example:8443", False),
        (b"admin.example", b"https://admin.example@evil.example", False),
        (b"admin.example", b"null", False),
        (b"admin.example", b"", False),
        (b"admin.example", b"http://[", False),
        (b"admin.example", b"http://[admin.example", False),
        (b"", b"", False),
        (b"elsewhere.example", b"https://elsewhere.example", False),  # none of our hosts
    ],
)
def test_a_socket_is_opened_from_our_own_pages_alone(settings, host, origin, ours):
    settings.ALLOWED_HOSTS = ["admin.example"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://front.example"]

    assert is_from_our_page({b"host": host, b"origin": origin}) is ours


def test_where_every_host_is_ours_a_foreign_page_is_still_refused(settings):
    settings.ALLOWED_HOSTS = ["*"]

    assert not is_from_our_page({b"host": b"admin.example", b"origin": b"https://evil.example"})
    assert is_from_our_page({b"host": b"admin.example", b"origin": b"https://admin.example"})
