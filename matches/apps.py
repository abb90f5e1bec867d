"""Matches that users had analysed."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchesConfig(AppConfig):
    """Analyses of matches, and the bodies of FACEIT behind them."""

    name = "matches"
    verbose_name = _("Matches")

    def ready(self) -> None:
        from matches import integrity, receivers  # noqa: PLC0415 - need the apps loaded

        receivers.connect()
        integrity.register()
