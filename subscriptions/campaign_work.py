"""Works off the campaigns that are running, batch by batch."""

from collections.abc import Iterator
from typing import NamedTuple

from subscriptions.models import Campaign
from subscriptions.repositories import CampaignRepository
from subscriptions.repositories.campaigns import BATCH


class Batch(NamedTuple):
    """Some users of a campaign who are done with."""

    campaign: Campaign
    done: int


def work_off(batch_size: int = BATCH) -> Iterator[Batch]:
    """Give all that campaigns give, each batch as soon as it is given.

    Safe to stop at any moment, and to run twice at once.
    """
    repository = CampaignRepository()
    for campaign in repository.get_running.blocking():
        while done := repository.run_batch.blocking(campaign.pk, batch_size):
            yield Batch(campaign, done)
        repository.finish.blocking(campaign.pk)
