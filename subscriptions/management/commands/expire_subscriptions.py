"""Moves subscriptions on whose time is over, and writes their users' notices; run it every few minutes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from faceitbot.core import exit_codes
from faceitbot.core.errors import Unavailable
from subscriptions.repositories import SubscriptionRepository


class Command(BaseCommand):
    """Access does not wait for it: what is stored is read with the clock."""

    help = "Move on subscriptions whose time is over. Safe to run twice at once."

    def handle(self, **_options: Any) -> None:
        try:
            changed = SubscriptionRepository().check_and_expire_subscriptions.blocking()
        except Unavailable as error:
            raise CommandError(str(error), returncode=exit_codes.UNAVAILABLE) from error
        self.stdout.write(f"{len(changed)} subscriptions moved on.")
