"""Somebody of the staff, signed in."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.factories import StaffFactory


@pytest.fixture
def staff(db):
    """An account with every right."""
    return StaffFactory.create(username="boss")


@pytest.fixture
def page(client: Client, staff) -> Client:
    """A browser in which that account is signed in."""
    client.force_login(staff)
    return client


@pytest.fixture
def onlooker(db) -> Client:
    """A browser of an account that may look at users and change nothing."""
    account = StaffFactory.create(username="onlooker", is_superuser=False)
    account.user_permissions.add(
        Permission.objects.get(codename="view_user", content_type__app_label="users")
    )
    client = Client()
    client.force_login(account)
    return client
