"""Players of FACEIT and how they play."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatsConfig(AppConfig):
    """Statistics of players; declares what is held about people."""

    name = "stats"
    verbose_name = _("Player statistics")

    def ready(self) -> None:
        from stats import integrity, receivers  # noqa: PLC0415 - need the apps loaded

        receivers.connect()
        integrity.register()
