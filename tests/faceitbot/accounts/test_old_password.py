"""Who wants a new password gives the old one, and guesses it no longer than at the login."""

import pytest
from axes.models import AccessAttempt
from django.urls import reverse

from tests.faceitbot.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:password_change")
NEW = "another-One-17"


@pytest.fixture
def browser(sign_in, support):
    return sign_in(support)


def change(browser, old, new=NEW, again=None):
    return browser.post(PAGE, {"old_password": old, "new_password1": new, "new_password2": again or new})


def test_the_sixth_wrong_old_password_locks_and_the_right_one_does_not_open(browser, sign_in, support):
    answers = [change(browser, "wrong") for _try in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "Try again after" in answers[-1].text
    late = change(browser, PASSWORD)
    assert (late.status_code, "Try again after" in late.text) == (429, True)
    support.refresh_from_db()
    assert support.check_password(PASSWORD)
    assert sign_in(support).answer.status_code == 429


def test_they_are_counted_together_with_those_of_the_login(browser, sign_in, support):
    for _try in range(3):
        sign_in(support, "wrong")

    assert [change(browser, "wrong").status_code for _try in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("none", ["", "\0", "wrong\0"])
def test_what_can_be_no_password_counts_and_forgets_nothing(browser, none):
    found = [change(browser, old).status_code for old in ("wrong", none, "wrong", none, "wrong", none)]

    assert found == [200] * 5 + [429]


def test_the_right_one_begins_the_count_anew_also_when_the_new_one_is_refused(browser, support):
    for _try in range(5):
        change(browser, "wrong")

    answer = change(browser, PASSWORD, again="something else")

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["new_password2"])
    assert not AccessAttempt.objects.exists()
    assert change(browser, PASSWORD).status_code == 302
    support.refresh_from_db()
    assert support.check_password(NEW)


def test_to_look_at_the_form_counts_as_nothing(browser):
    for _look in range(7):
        assert browser.get(PAGE).status_code == 200

    assert not AccessAttempt.objects.exists()
