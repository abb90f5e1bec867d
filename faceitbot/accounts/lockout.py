"""Locks an account after wrong passwords; django-axes counts them in the database.

It is the account that is locked, wherever the passwords come from: an address can be had anew, and a shared
one would lock colleagues out. Whoever is signed in stays so.
"""

import ipaddress
from datetime import datetime
from typing import Any, cast

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from faceitbot.content_policy import relaxed
from faceitbot.core import clock


def client_address(request: HttpRequest) -> str | None:
    """Give the address that a request came from; what a client says of itself does not count.

    Behind a proxy it is what the proxy has added: the last hop of `X-Forwarded-For`.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.headers.get("X-Forwarded-For", address).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None  # a unix socket


def locked_until(username: str) -> datetime | None:
    """Give when an account takes passwords again; None when it does."""
    window = settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=username, attempt_time__gt=clock.now() - window)
    oldest_first = attempts.order_by("attempt_time").values_list("failures_since_start", "attempt_time")
    left = sum(failures for failures, _at in oldest_first)
    for failures, at in oldest_first:
        if left < settings.AXES_FAILURE_LIMIT:
            break
        left -= failures
        if left < settings.AXES_FAILURE_LIMIT:
            return cast("datetime", at + window)
    return None


def unlock(username: str) -> bool:
    """Forget the wrong passwords of an account; say whether there were any."""
    return bool(reset(username=username))


@relaxed
def locked_page(request: HttpRequest, *_in_another_order_under_asgi: Any) -> HttpResponse:
    """Say until when an account is locked, whether or not there is one of this name."""
    credentials = getattr(request, "axes_credentials", None) or {}
    until = locked_until(credentials.get("username", ""))
    context = {**admin.site.each_context(request), "until": until, "title": ""}
    return render(request, "accounts/locked.html", context, status=settings.AXES_HTTP_RESPONSE_CODE)
