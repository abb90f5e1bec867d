"""The jobs go through tables as they are after years; what they use of the indexes is counted."""

import pytest

from faceitbot.jobs.table import JOBS
from faceitbot.personal.erasing import erase_person
from stats.repositories import StatsRepository
from subscriptions.models import UserSubscription
from tests.millions.years import FIRST_TELEGRAM_ID
from users.models import User

pytestmark = [pytest.mark.proof("millions"), pytest.mark.django_db]

NOT_CALLED = {
    "check_integrity": "reads everything by design, and no index is there for it alone",
    "forget_personal_data": "would forget the payers of three years at once",
    "prune_stats": "would delete nine cards in ten at once; below it does the few that are over for long",
}
CALLED = [each for each in JOBS if each.name not in NOT_CALLED]


@pytest.mark.parametrize("job", CALLED, ids=lambda job: job.name)
def test_a_job_ends(job):
    assert job.work() is not None


def test_players_of_long_ago_go():
    history = StatsRepository().cleanup_old_history.blocking(1_000)

    assert StatsRepository().cleanup_expired_stats.blocking(1) > 0
    assert min(history) > 0


def test_somebody_is_erased():
    brought = UserSubscription.objects.filter(referred_by__isnull=False, user__erased_at__isnull=True)
    user = brought.order_by("user__telegram_id").first().user

    assert user.telegram_id > FIRST_TELEGRAM_ID
    erase_person(user.telegram_id, reason="Просьба")

    assert User.objects.get(pk=user.pk).telegram_id is None
