"""Gives what campaigns give, until none is left to do; run it every few minutes, or once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from faceitbot.core import exit_codes
from faceitbot.core.errors import Unavailable
from subscriptions.campaign_work import work_off
from subscriptions.repositories import CampaignRepository
from subscriptions.repositories.campaigns import BATCH


class Command(BaseCommand):
    """The page of a campaign does the same while somebody has it open."""

    help = "Work off the campaigns that are running. Safe to stop at any moment, and to run twice at once."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--batch-size", type=int, default=BATCH, help=f"users in one transaction, {BATCH} unless said"
        )

    def handle(self, *, batch_size: int, **_options: Any) -> None:
        try:
            for batch in work_off(batch_size):
                progress = CampaignRepository().get_progress.blocking(batch.campaign.pk)
                done = progress.members - progress.waiting
                self.stdout.write(f"{batch.campaign.name}: {done} of {progress.members}")
        except Unavailable as error:
            raise CommandError(str(error), returncode=exit_codes.UNAVAILABLE) from error
