"""Staff are signed out after their hours, after a while of nothing, and when what they may do changes."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from faceitbot.accounts.sessions import BEGUN, SEEN, count_sessions, end_sessions
from faceitbot.core import clock
from tests.faceitbot.accounts.conftest import PASSWORD, with_password

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")
HOUR, MINUTE = 3600, 60


@pytest.fixture
def browser(sign_in, support):
    return sign_in(support)


def age(client, *, begun, seen):
    """Make a session that is `begun` and `seen` seconds old."""
    session, now = client.session, clock.now().timestamp()
    session[BEGUN], session[SEEN] = now - begun, now - seen
    session.save()


def is_in(client):
    return client.get(INDEX).status_code == 200


@pytest.mark.parametrize(
    ("begun", "seen", "stays"),
    [
        (11 * HOUR, 5 * MINUTE, True),
        (12 * HOUR + 1, 5 * MINUTE, False),
        (3 * HOUR, 2 * HOUR - MINUTE, True),
        (3 * HOUR, 2 * HOUR + 1, False),
    ],
)
def test_a_session_lasts_twelve_hours_and_two_of_doing_nothing(browser, begun, seen, stays):
    age(browser, begun=begun, seen=seen)

    assert is_in(browser) is stays
    assert is_in(browser) is stays


def test_the_limits_are_settings(browser, settings):
    settings.STAFF_SESSION_HOURS, settings.STAFF_IDLE_MINUTES = 1, 30
    age(browser, begun=50 * MINUTE, seen=31 * MINUTE)

    assert not is_in(browser)


def test_who_works_is_not_idle(browser):
    age(browser, begun=3 * HOUR, seen=HOUR)
    browser.get(INDEX)

    assert clock.now().timestamp() - browser.session[SEEN] < MINUTE
    assert clock.now().timestamp() - browser.session[BEGUN] >= 3 * HOUR


def test_a_session_that_does_not_say_when_it_began_is_over(browser):
    session = browser.session
    del session[BEGUN]
    session.save()

    assert not is_in(browser)


def test_the_login_says_why_and_leads_back(browser, support):
    age(browser, begun=13 * HOUR, seen=0)
    page = reverse("admin:users_user_changelist")

    answer = browser.get(page)

    assert (answer.status_code, answer.url) == (302, f"{reverse('admin:login')}?next={page}")
    (told,) = get_messages(answer.wsgi_request)
    assert str(told) == "You were signed out, as it was time. Please sign in again."
    assert str(told) in browser.get(answer.url).text
    sent = {"username": support.username, "password": PASSWORD, "next": page}
    assert browser.post(answer.url, sent).url == page


def test_a_new_password_ends_the_other_sessions(sign_in, browser, support):
    elsewhere = sign_in(support)
    form = {"old_password": PASSWORD, "new_password1": "another-One-17", "new_password2": "another-One-17"}

    browser.post(reverse("admin:password_change"), form)

    assert is_in(browser)
    assert not is_in(elsewhere)


def _group(name):
    return Group.objects.get(name=name)


CHANGES = {
    "one more group": lambda account: account.groups.add(_group("finance")),
    "a group less": lambda account: account.groups.remove(_group("support")),
    "from the group's side": lambda account: account.groups.get().user_set.remove(account),
    "no group": lambda account: account.groups.clear(),
    "the group is emptied": lambda account: _group("support").user_set.clear(),
    "a right of his own": lambda account: account.user_permissions.add(Permission.objects.first()),
    "superuser": lambda account: _save(account, is_superuser=True),
    "no staff any more": lambda account: _save(account, is_staff=False),
    "deactivated": lambda account: _save(account, is_active=False),
}


def _save(account, **flags):
    for name, value in flags.items():
        setattr(account, name, value)
    account.save()


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_change_of_role_ends_the_sessions_of_that_account_alone(sign_in, browser, support, change):
    colleague = sign_in(with_password("support"))

    change(support)

    assert count_sessions(support.pk) == 0
    assert not is_in(browser)
    assert is_in(colleague) is (change != CHANGES["the group is emptied"])


def test_another_name_ends_nothing(browser, support):
    _save(support, first_name="Anna")
    support.groups.add(_group("support"))  # he is in it

    assert is_in(browser)


def test_all_sessions_of_an_account_are_ended_and_no_others(sign_in, support, finance):
    browsers, colleague = [sign_in(support) for _browser in range(3)], sign_in(finance)
    assert count_sessions(support.pk) == 3

    assert end_sessions(support.pk, but=browsers[0].session.session_key) == 2

    assert [is_in(browser) for browser in (*browsers, colleague)] == [True, False, False, True]


def test_a_visitor_costs_no_session(client, db):
    client.get(reverse("admin:login"))

    assert not client.cookies.keys() & {"sessionid"}
    assert not Session.objects.exists()


def test_a_session_never_outlives_its_cookie(settings):
    assert settings.SESSION_COOKIE_AGE == settings.STAFF_SESSION_HOURS * HOUR


def test_an_admin_who_changes_his_own_role_signs_in_again(sign_in):
    boss = with_password("admin")
    browser = sign_in(boss)
    url = reverse("admin:auth_user_change", args=[boss.pk])
    groups = [str(_group("admin").pk), str(_group("finance").pk)]
    form = {"username": boss.username, "is_active": "on", "is_staff": "on", "groups": groups}

    answer = browser.post(url, form)

    assert (answer.status_code, answer.url) == (302, reverse("admin:login"))
    assert set(boss.groups.values_list("name", flat=True)) == {"admin", "finance"}
    assert not is_in(browser)


def test_a_client_that_was_signed_in_elsewhere_is_counted(support):
    client = Client()
    client.force_login(support)

    assert count_sessions(support.pk) == 1
    assert is_in(client)
