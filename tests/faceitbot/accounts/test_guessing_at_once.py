"""Passwords that come at the same moment are counted like those that come one after the other."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher, make_password

from tests.eventually import eventually
from tests.faceitbot.accounts.conftest import PASSWORD
from tests.threads import giving_back

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 14


class SlowHasher(MD5PasswordHasher):
    """Checks passwords that are in flight together: none is done before each is here or was refused."""

    algorithm = "slow"
    count = threading.Lock()
    checked = refused = 0

    def verify(self, password, encoded):
        with SlowHasher.count:
            SlowHasher.checked += 1
        eventually(lambda: SlowHasher.checked + SlowHasher.refused >= AT_ONCE)
        return super().verify(password, encoded)


@pytest.fixture
def flood(support, sign_in, settings):
    """Give a function that sends passwords at the same moment, and gives (status, whether it is in)."""
    settings.PASSWORD_HASHERS = [f"{__name__}.SlowHasher"]
    support.password = make_password(PASSWORD)
    support.save(update_fields=["password"])
    SlowHasher.checked = SlowHasher.refused = 0
    ready = threading.Barrier(AT_ONCE)

    def one(password):
        ready.wait(10)
        browser = sign_in(support, password)
        with SlowHasher.count:
            SlowHasher.refused += browser.answer.status_code == 429
        return browser.answer.status_code, "_auth_user_id" in browser.session

    def send(passwords):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(giving_back(one), passwords))

    return send


def test_six_are_checked_of_those_that_come_at_once(flood):
    found = flood(["wrong"] * AT_ONCE)

    assert SlowHasher.checked == 6
    assert found == [(429, False)] * AT_ONCE
    assert sum(AccessAttempt.objects.values_list("failures_since_start", flat=True)) == 6


def test_who_counts_afterwards_checks_them_all(flood, settings):
    """Control: the handler of axes itself."""
    settings.AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"

    flood(["wrong"] * AT_ONCE)

    assert SlowHasher.checked == AT_ONCE


def test_the_right_one_among_many_wrong_ones_is_one_of_the_six_or_none(flood, support, sign_in):
    found = flood([*["wrong"] * (AT_ONCE - 1), PASSWORD])

    assert SlowHasher.checked == 6
    inside = [status for status, is_in in found if is_in]
    assert inside in ([], [302])
    left = sum(AccessAttempt.objects.values_list("failures_since_start", flat=True))
    assert left <= 5 if inside else left == 6
