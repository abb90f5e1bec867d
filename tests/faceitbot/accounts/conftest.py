"""An account with a password, and a browser that knows it."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from tests.admin.roles import member
from tests.factories import StaffFactory

PASSWORD = "a password of ours"


def with_password(role):
    account = member(role)
    account.password = make_password(PASSWORD)
    account.save(update_fields=["password"])
    return account


@pytest.fixture
def page(client, db):
    """Give a browser of a superuser."""
    client.force_login(StaffFactory.create(username="owner"))
    return client


@pytest.fixture
def support(db):
    return with_password("support")


@pytest.fixture
def finance(db):
    return with_password("finance")


@pytest.fixture
def sign_in():
    """Give a function that types a name and a password into the login."""

    def type_them(account, password=PASSWORD, client=None, **headers):
        client = client or Client()
        sent = {"username": getattr(account, "username", account), "password": password}
        client.answer = client.post(reverse("admin:login"), sent, headers=headers)
        return client

    return type_them
