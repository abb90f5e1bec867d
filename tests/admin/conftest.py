"""Somebody of the staff, signed in: by requests alone, or in a real browser."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client

from tests.admin.browser import DESK, Complaints, browser
from tests.admin.looks import look_at, looks, take
from tests.factories import StaffFactory

__all__ = ["look_at", "looks", "take"]


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


@pytest.fixture(scope="module")
def chromium():
    """One browser for the module. Its driver keeps an event loop in this thread, which Django must allow."""
    with pytest.MonkeyPatch.context() as patch, browser() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield started


@pytest.fixture
def site_url(live_server):
    """Where the pages are served."""
    return live_server.url


@pytest.fixture
def open_page(chromium, site_url):
    """Give a function that opens a page of the site in a window, and fail on any complaint of the browser."""
    complaints = Complaints(site_url)
    contexts = []

    def open_one(path, *, account=None, size=None, scheme="light", language=None):
        context = chromium.new_context(viewport=size or DESK, color_scheme=scheme, locale=language or "en-US")
        contexts.append(context)
        if language is not None:
            spoken = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site_url}
            context.add_cookies([spoken])
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site_url)
        if account is not None:
            client = Client()
            client.force_login(account)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site_url}
            context.add_cookies([cookie])
        page = context.new_page()
        complaints.listen(page)
        page.goto(site_url + path, wait_until="networkidle")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints.heard == []
