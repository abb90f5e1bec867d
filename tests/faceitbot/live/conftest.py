"""A web server for the tests of the live page."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pytest_django import DjangoDbBlocker

from faceitbot.core.models import ProcessSample
from tests.admin.browser import browser
from tests.faceitbot.live.serving import Server, cookie_of, served
from tests.faceitbot.live.window import Window
from tests.factories import StaffFactory


@pytest.fixture(scope="package")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """One for all tests of this folder, on their database; it has no time to lose."""
    with served(tick=0.4, silence=1.5) as running:
        yield running
    # It tells of itself until it ends, also when the last test has emptied the database already.
    with django_db_blocker.unblock():
        ProcessSample.objects.all().delete()


@pytest.fixture
def staff(transactional_db):
    """An account with every right."""
    return StaffFactory.create(username="boss")


@pytest.fixture
def cookie(staff) -> str:
    """The cookie of a browser in which it is signed in."""
    return cookie_of(staff)


@pytest.fixture(scope="module")
def chromium():
    """One browser for a file; see tests/admin/conftest.py. While it is there, no other event loop can run."""
    with pytest.MonkeyPatch.context() as patch, browser() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield started


@pytest.fixture
def open_window(chromium):
    """Give a function that opens the page; what it has opened is closed."""
    with ExitStack() as opened:

        def open_one(server, cookie=""):
            window = Window(chromium, server, cookie)
            opened.callback(window.context.close)
            return window

        yield open_one
