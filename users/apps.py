"""The people who use the bot."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    """Bot users; staff accounts are `auth.User`."""

    name = "users"
    verbose_name = _("Bot users")

    def ready(self) -> None:
        from users import receivers  # noqa: PLC0415 - needs the apps loaded

        receivers.connect()
