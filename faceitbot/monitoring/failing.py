"""Notes what ends a page with an error that nobody has caught."""

import sys
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest

from faceitbot.core.monitoring import errors


def connect() -> None:
    """Note them from now on."""
    got_request_exception.connect(_note, dispatch_uid="faceitbot-monitoring")


def _note(request: HttpRequest | None = None, **_signal: Any) -> None:
    error = sys.exc_info()[1]
    if error is not None:
        match = request.resolver_match if request is not None else None
        errors.note(f"page {match.view_name if match else ''}".rstrip(), error)
