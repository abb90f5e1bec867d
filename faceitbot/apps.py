"""The project's own app: what spans the domains (imports, checks, the admin site)."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.auth.apps import AuthConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(admin_apps.AdminConfig):
    """Django's admin on our site class."""

    default = False
    default_site = "faceitbot.admin_site.StaffSite"


class StaffAccountsConfig(AuthConfig):
    """Django's accounts, which are the staff's here; the people who use the bot are elsewhere."""

    default = False
    verbose_name = _("Staff")


class FaceitBotConfig(AppConfig):
    """Registers the system checks, and what the tables of no domain hold about people."""

    default = True
    name = "faceitbot"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from faceitbot import checks, match_history  # noqa: F401, PLC0415 - the first registers itself
        from faceitbot.accounts import roles, sessions  # noqa: PLC0415 - needs the apps loaded
        from faceitbot.analysis import settling  # noqa: PLC0415 - needs the apps loaded
        from faceitbot.jobs import health  # noqa: PLC0415 - needs the apps loaded
        from faceitbot.monitoring import connecting  # noqa: PLC0415 - needs the apps loaded
        from faceitbot.personal import claims, tables  # noqa: PLC0415 - need the apps loaded

        tables.register()
        claims.register()
        sessions.connect()
        match_history.connect()
        settling.connect()
        health.register()
        connecting.connect()
        # The last of the apps: the permissions of all of them are there.
        post_migrate.connect(roles.ensure_roles, sender=self)
