"""Begins to measure and to tell, once the apps are loaded."""

from faceitbot.core.monitoring.exposing import register_collectors
from faceitbot.monitoring import events, failing, mails, sentry
from faceitbot.version import __version__


def connect() -> None:
    """Measure what the apps report, and tell of errors."""
    register_collectors(__version__)
    events.connect()
    failing.connect()
    mails.connect()
    sentry.connect()
