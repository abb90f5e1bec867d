"""A process that works off campaigns, or does without their table; tests start several, and kill some.

Arguments: `run SIZE` is the command; `naive DAYS` gives everybody the days, one user after the other, and
remembers nothing.
"""

import sys
import uuid

import faceitbot

faceitbot.setup()

from django.contrib.auth.models import User as StaffAccount  # noqa: E402
from django.core.management import call_command  # noqa: E402

from subscriptions.models import UserSubscription  # noqa: E402
from subscriptions.repositories import SubscriptionRepository  # noqa: E402


def naive(days: int) -> None:
    """Give everybody access in the order of their ids."""
    repository, actor = SubscriptionRepository(), StaffAccount.objects.get()
    for user_id in UserSubscription.objects.order_by("user_id").values_list("user_id", flat=True):
        request = uuid.uuid4().hex
        repository.grant_access.blocking(
            user_id, "premium", days, actor=actor, reason="outage", request_id=request
        )


if __name__ == "__main__":
    if sys.argv[1] == "run":
        call_command("run_campaigns", batch_size=int(sys.argv[2]), stdout=sys.stdout)
    else:
        naive(int(sys.argv[2]))
