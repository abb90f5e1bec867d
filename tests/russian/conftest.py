"""Pages as staff see them who never chose a language."""

import pytest
from django.test import Client

from faceitbot import settings as as_installed
from tests.factories import StaffFactory


@pytest.fixture(autouse=True)
def _as_installed(settings):
    settings.LANGUAGE_CODE = as_installed.LANGUAGE_CODE


@pytest.fixture
def page(client: Client, db) -> Client:
    """A browser in which an account with every right is signed in; its own language is English."""
    client.force_login(StaffFactory.create(username="начальник"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en-US,en;q=0.9"
    return client
