"""The floor that every app stands on."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Keeps the timeouts of requests away from migrations, and says how the servers are."""

    name = "faceitbot.core"
    label = "core"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from faceitbot.core import migrating  # noqa: PLC0415 - needs the settings
        from faceitbot.core.health import (  # noqa: PLC0415 - the same
            caching,
            database,
            disk,
            processes,
            registry,
        )
        from faceitbot.core.monitoring.database import measure_connections  # noqa: PLC0415 - the same

        pre_migrate.connect(migrating.relax_timeouts, sender=self)
        post_migrate.connect(migrating.restore_timeouts, sender=self)
        measure_connections()
        registry.register(*database.CHECKS, *disk.CHECKS, *caching.CHECKS, *processes.CHECKS)
