"""The floor that every app stands on."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Keeps the timeouts of requests away from migrations."""

    name = "faceitbot.core"
    label = "core"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from faceitbot.core import migrating  # noqa: PLC0415 - needs the settings

        pre_migrate.connect(migrating.relax_timeouts, sender=self)
        post_migrate.connect(migrating.restore_timeouts, sender=self)
