"""A web server for the tests of the live page."""

from collections.abc import Iterator

import pytest

from tests.faceitbot.live.serving import Server, cookie_of, served
from tests.factories import StaffFactory


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[Server]:
    """One for the module, on the database of the tests."""
    with served() as running:
        yield running


@pytest.fixture
def staff(transactional_db):
    """An account with every right."""
    return StaffFactory.create(username="boss")


@pytest.fixture
def cookie(staff) -> str:
    """The cookie of a browser in which it is signed in."""
    return cookie_of(staff)
