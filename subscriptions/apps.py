"""Plans, access, request limits, referrals."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubscriptionsConfig(AppConfig):
    """Gives every new user a subscription row, in the transaction that makes the user."""

    name = "subscriptions"
    verbose_name = _("Subscriptions")

    def ready(self) -> None:
        from subscriptions import health, integrity, receivers  # noqa: PLC0415 - need the apps loaded

        receivers.connect()
        integrity.register()
        health.register()
