"""The sixth wrong password locks an account, whatever it comes from and whatever Redis remembers."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from asgiref.sync import sync_to_async
from axes.models import AccessAttempt
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections
from django.test import AsyncClient, RequestFactory
from django.urls import reverse
from django.utils.timezone import localtime
from redis import Redis

from faceitbot.accounts.lockout import client_address, locked_until
from faceitbot.core import clock

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)


def statuses(sign_in, account, tries, **headers):
    return [sign_in(account, "wrong", **headers).answer.status_code for _try in range(tries)]


def is_in(client):
    return "_auth_user_id" in client.session


def test_the_sixth_wrong_password_locks_and_the_right_one_does_not_open(sign_in, support):
    assert statuses(sign_in, support, 7) == [200, 200, 200, 200, 200, 429, 429]

    late = sign_in(support)

    assert late.answer.status_code == 429
    assert not is_in(late)


def test_the_page_says_until_when(sign_in, support):
    statuses(sign_in, support, 5)

    answer = sign_in(support, "wrong").answer

    until = locked_until(support.username)
    assert timedelta(minutes=29) < until - clock.now() <= timedelta(minutes=30)
    text = re.sub(r"\s+", " ", answer.text)
    assert f"Try again after {localtime(until, clock.bot_zone()):%H:%M}." in text
    assert "ask an admin to unlock your account" in text
    assert (
        "'unsafe-inline'"
        not in answer.headers["Content-Security-Policy"].partition("script-src")[2].split(";")[0]
    )


@pytest.mark.django_db(transaction=True)
async def test_the_page_says_so_under_asgi_too():
    browser, sent = AsyncClient(), {"username": "nobody", "password": "wrong"}

    answers = [await browser.post(reverse("admin:login"), sent) for _try in range(7)]
    await sync_to_async(connections.close_all)()

    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert ["Try again after" in answer.content.decode() for answer in answers] == [False] * 5 + [True] * 2


def test_a_wrong_password_is_not_kept(sign_in, support):
    sign_in(support, "nearly-the-right-one")

    (kept,) = AccessAttempt.objects.values()
    assert support.username in kept["username"]
    assert "nearly-the-right-one" not in str(kept)


def test_five_wrong_passwords_and_a_right_one_are_a_bad_morning(sign_in, support):
    statuses(sign_in, support, 5)

    assert is_in(sign_in(support))
    assert statuses(sign_in, support, 5) == [200] * 5, "the count began anew"


def test_a_flush_of_redis_unlocks_nobody(sign_in, support):
    statuses(sign_in, support, 6)

    Redis.from_url(django_settings.REDIS_URL).flushdb()

    assert sign_in(support).answer.status_code == 429


def test_forged_addresses_and_other_browsers_are_counted_together(sign_in, support):
    found = [
        sign_in(support, "wrong", **{"X-Forwarded-For": f"10.0.0.{n}", "User-Agent": f"curl/{n}"}).answer
        for n in range(6)
    ]

    assert [answer.status_code for answer in found] == [200] * 5 + [429]
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}
    assert sign_in(support, **{"X-Forwarded-For": "10.9.9.9"}).answer.status_code == 429


def test_addresses_that_are_really_others_are_counted_together(sign_in, support, settings):
    settings.BEHIND_PROXY = True
    for n in range(6):
        sign_in(support, "wrong", **{"X-Forwarded-For": f"10.0.0.{n}"})

    assert AccessAttempt.objects.count() == 6
    assert sign_in(support, **{"X-Forwarded-For": "10.9.9.9"}).answer.status_code == 429


def test_other_spellings_of_a_name_are_counted_together(sign_in, support):
    spellings = [
        support.username,
        f" {support.username} ",
        support.username.replace("s", "\N{FULLWIDTH LATIN SMALL LETTER S}"),
    ]

    found = [sign_in(spelling, "wrong").answer.status_code for spelling in spellings * 2]

    assert found == [200] * 5 + [429]


def test_colleagues_at_the_same_address_are_not_locked(sign_in, support, finance):
    statuses(sign_in, support, 6)

    assert is_in(sign_in(finance))


def test_a_name_that_nobody_has_is_answered_like_one_that_somebody_has(sign_in, db):
    found = statuses(sign_in, "nobody", 6)

    assert found == [200] * 5 + [429]
    assert "Try again after" in sign_in("nobody", "wrong").answer.text


def test_who_is_signed_in_stays_so(sign_in, support):
    browser = sign_in(support)
    statuses(sign_in, support, 6)

    assert browser.get(reverse("admin:index")).status_code == 200


def test_the_lock_ends_after_half_an_hour_and_nobody_prolongs_it(sign_in, support):
    statuses(sign_in, support, 6)
    until = locked_until(support.username)

    statuses(sign_in, support, 3)
    assert locked_until(support.username) == until
    AccessAttempt.objects.update(attempt_time=clock.now() - 30 * MINUTES)

    assert locked_until(support.username) is None
    assert is_in(sign_in(support))


def test_the_lock_ends_when_the_oldest_of_the_counted_are_old(sign_in, support, settings):
    now = clock.now()
    for failures, minutes in ((3, 20), (2, 10), (1, 5)):
        AccessAttempt.objects.create(
            username=support.username,
            user_agent=str(minutes),
            ip_address="127.0.0.1",
            failures_since_start=failures,
        )
        AccessAttempt.objects.filter(user_agent=str(minutes)).update(attempt_time=now - minutes * MINUTES)

    assert locked_until(support.username) == now + 10 * MINUTES


def test_operators_unlock_by_a_command(sign_in, support):
    statuses(sign_in, support, 6)

    call_command("axes_reset_username", support.username, stdout=StringIO())

    assert is_in(sign_in(support))


@pytest.mark.parametrize(
    ("behind_proxy", "remote", "forwarded", "address"),
    [
        (False, "192.0.2.1", None, "192.0.2.1"),
        (False, "192.0.2.1", "10.0.0.1", "192.0.2.1"),
        (True, "127.0.0.1", "198.51.100.7", "198.51.100.7"),
        (True, "127.0.0.1", "10.0.0.1, 198.51.100.7", "198.51.100.7"),
        (True, "127.0.0.1", "::1,2001:db8::7", "2001:db8::7"),
        (True, "192.0.2.1", None, "192.0.2.1"),
        (True, "192.0.2.1", "unknown", None),
        (False, "", None, None),
    ],
)
def test_the_address_is_the_peers_or_the_last_hop_that_our_proxy_added(
    settings, behind_proxy, remote, forwarded, address
):
    settings.BEHIND_PROXY = behind_proxy
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)

    assert client_address(request) == address
