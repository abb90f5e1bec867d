"""Sends errors to Sentry, where SENTRY_DSN is set.

For whoever runs several installations, or wants stack traces side by side with releases: the log and the page
of errors do without. `sentry-sdk` is not installed by itself; that it is missing is said at the start.
"""

from importlib import import_module
from typing import Any

from django.conf import settings

from faceitbot.core.correlation import correlation_id
from faceitbot.core.monitoring.errors import add_listener
from faceitbot.version import __version__


def connect(**options: Any) -> bool:
    """Send what is met from now on; say whether there is a DSN. `options` are the SDK's own."""
    if not settings.SENTRY_DSN or settings.ENVIRONMENT_PROBLEMS:
        return False
    sdk = import_module("sentry_sdk")
    sdk.init(
        **{
            "dsn": settings.SENTRY_DSN,
            "release": f"faceitbot@{__version__}",
            "environment": settings.SENTRY_ENVIRONMENT,
            # Errors come from our own list alone: once each, and without what people wrote.
            "default_integrations": False,
            "auto_enabling_integrations": False,
            "include_local_variables": False,
            "max_breadcrumbs": 0,
            **options,
        }
    )

    def send(method: str, error: BaseException) -> None:
        with sdk.new_scope() as scope:
            scope.set_tag("method", method)
            scope.set_tag("correlation_id", correlation_id())
            sdk.capture_exception(error)

    add_listener(send)
    return True
