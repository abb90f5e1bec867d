"""A campaign that is killed, repeated and run twice at once gives each user once."""

import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import Count

from faceitbot.core.models import AuditEntry
from subscriptions.models import CampaignMember, Grant, Notice, UserSubscription
from subscriptions.repositories import CampaignRepository
from tests.eventually import eventually
from tests.factories import StaffFactory
from tests.other_process import environment
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = Path(__file__).with_name("campaign_worker.py")
campaigns = CampaignRepository()


@pytest.fixture
def anna():
    return StaffFactory.create(username="anna")


def people(number):
    UserRepository().create_batch.blocking([{"telegram_id": n} for n in range(1, number + 1)])


def start(anna):
    keys = list(User.objects.values_list("pk", flat=True))
    return campaigns.start.blocking("Outage", "premium", 2, keys, actor=anna, reason="outage")


def process(*arguments):
    return subprocess.Popen([sys.executable, str(WORKER), *map(str, arguments)], env=environment())


def given():
    return Grant.objects.count()


def killed_half_way(running, number):
    """Kill a process once half of the users have been given something."""
    eventually(lambda: given() >= number // 2, within=120)
    running.send_signal(signal.SIGKILL)
    running.wait()
    return given()


def grants_of_each():
    """Give how many users have how many grants: {1: all} is what a campaign is for."""
    counts = User.objects.annotate(given=Count("grants")).values_list("given", flat=True)
    return {number: list(counts).count(number) for number in set(counts)}


@pytest.mark.proof("campaigns")
def test_killed_half_way_repeated_and_run_twice_each_user_is_given_once(anna, full_size, report):
    number, size = (10_000, 200) if full_size else (120, 5)
    people(number)
    campaign = start(anna)

    before = killed_half_way(process("run", size), number)
    assert before < number, "the process was done before it was killed"
    assert CampaignMember.objects.filter(done_at__isnull=False).count() == before
    assert start(anna).pk == campaign.pk
    begun = time.monotonic()
    runners = [process("run", size) for _runner in range(2)]
    assert [runner.wait(timeout=600) for runner in runners] == [0, 0]

    seconds = time.monotonic() - begun
    assert grants_of_each() == {1: number}
    assert set(Grant.objects.values_list("duration", flat=True)) == {timedelta(days=2)}
    assert UserSubscription.objects.filter(tier="premium").count() == number
    assert Notice.objects.count() == number
    entries = AuditEntry.objects.filter(action="grant.given").values("object_label", "object_id")
    assert entries.count() == entries.distinct().count() == 2 * number
    campaign.refresh_from_db()
    assert campaign.finished_at is not None
    report(f"{number} users: {before} before the kill, the others by two runners in {seconds:.1f} s")


def test_without_their_table_some_would_be_given_twice(anna):
    """Control: the same users, killed and repeated, by who gives access one user after the other."""
    people(60)

    before = killed_half_way(process("naive", 2), 60)
    assert process("naive", 2).wait(timeout=120) == 0

    assert grants_of_each() == {1: 60 - before, 2: before}
