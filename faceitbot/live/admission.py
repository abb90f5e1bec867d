"""Who may watch: what the middlewares and the admin site ask of a page, asked of a websocket."""

from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user
from django.contrib.auth.models import User as Account
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, parse_cookie
from django_otp.middleware import OTPMiddleware

from faceitbot.accounts import second_factor, sessions
from faceitbot.core import clock

# Everybody of the staff sees all that the page shows; who sees a part of it does not get the page.
MAY_WATCH = (
    "users.view_user",
    "subscriptions.view_payment",
    "subscriptions.view_paymentcase",
    "core.view_auditentry",
    "core.view_jobrun",
)


class ReadSession(SessionStore):
    """A session that is only looked at.

    A hash of a former SECRET_KEY has Django give the session a new key; no cookie can go to a browser over
    a websocket, so it would be signed out.
    """

    key_salt = SessionStore().key_salt  # else it would hold the name of this class

    def cycle_key(self) -> None:
        """Leave the key to the next page."""

    def flush(self) -> None:
        """Leave the end to the next page."""


def may_watch(account: Any) -> bool:
    """Say whether somebody who is signed in may watch."""
    return bool(cast("Account", account).has_perms(MAY_WATCH))


def is_from_our_page(headers: dict[bytes, bytes]) -> bool:
    """Say whether a page of this very host, or of one that forms are taken from, opens the socket.

    Browsers send their cookies along from any page.
    """
    request = HttpRequest()
    request.META["HTTP_HOST"] = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin", b"").decode("latin-1")
    try:
        host, theirs = request.get_host(), urlsplit(origin).netloc
    except (DisallowedHost, ValueError):  # an origin may be no address, `http://[` for one
        return False
    return origin in settings.CSRF_TRUSTED_ORIGINS or theirs.lower() == host.lower()


def is_admitted(headers: dict[bytes, bytes]) -> bool:
    """Look whether the session of a cookie may watch at this moment. Errors: those of the database."""
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    request = HttpRequest()
    request.session = ReadSession(cookies.get(settings.SESSION_COOKIE_NAME))
    if sessions.is_over(request.session, clock.now()):
        return False
    request.user = get_user(request)
    account = OTPMiddleware(lambda asked: asked.user)(request)
    return (
        admin.site.has_permission(request) and not second_factor.missing_step(account) and may_watch(account)
    )
