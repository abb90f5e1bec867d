"""Metrics, and figures of the past that stay true."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Business events and the sums of what the other apps hold."""

    name = "analytics"
    verbose_name = _("Analytics")

    def ready(self) -> None:
        from analytics import health, receivers  # noqa: PLC0415 - need the apps loaded

        receivers.connect()
        health.register()
