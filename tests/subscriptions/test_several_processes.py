"""Access with several processes at work, some of which die, and with a Redis that dies."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from faceitbot.core import clock
from faceitbot.embedded.accounts import server_account
from faceitbot.embedded.binaries import valkey_server
from faceitbot.embedded.state import State, state_folder
from faceitbot.embedded.valkey import valkey
from subscriptions.models import Grant, Notice, TierLimits, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.eventually import eventually
from tests.factories import StaffFactory
from tests.other_process import ROOT, environment
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = SubscriptionRepository()
users = UserRepository()
WORKER = Path(__file__).with_name("access_worker.py")


def start(*arguments, **variables):
    return subprocess.Popen(
        [sys.executable, str(WORKER), *map(str, arguments)],
        env={**environment(), **variables},
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(process):
    return json.loads(process.stdout.readline())


def ended(process):
    """Give the last answer of a process that ends by itself."""
    output, _errors = process.communicate(timeout=120)
    assert process.returncode == 0
    return json.loads(output.splitlines()[-1])


@pytest.fixture
def mortal_valkey():
    """The URL of a Valkey that a test may kill."""
    account, spare = server_account(), State(state_folder(ROOT)).folder / "programs"
    with tempfile.TemporaryDirectory(
        prefix="faceitbot-", dir="/tmp" if os.geteuid() == 0 else None
    ) as folder:
        with valkey(State(Path(folder)), valkey_server(account, spare), account) as url:
            yield url


@pytest.mark.proof("limits")
@pytest.mark.parametrize("limit", [1, 10, 100])
def test_the_limit_holds_when_redis_is_killed_half_way(limit, mortal_valkey, full_size, report):
    TierLimits.objects.filter(pk="free").update(daily_requests=limit)
    people = 50 if full_size else 5
    users.create_batch.blocking({"telegram_id": number} for number in range(1, people + 1))

    bot = start("consume", 200, people, REDIS_URL=mortal_valkey)
    assert answer(bot) == "half"
    server = Redis.from_url(mortal_valkey)
    os.kill(server.info("server")["process_id"], signal.SIGKILL)

    admitted = ended(bot)
    with pytest.raises(RedisError):
        server.ping()
    report(f"limit {limit}, Valkey killed: {people} users, 200 calls each, {admitted} admitted")
    assert admitted == limit * people
    assert set(UserSubscription.objects.values_list("daily_requests", flat=True)) == {limit}


def test_grants_of_two_processes_add_up_and_a_shared_click_is_one():
    user = users.create_user.blocking(7)
    StaffFactory.create()

    bots = [start("grant", 7, 25, name) for name in ("one", "two")]
    made = [ended(bot) for bot in bots]

    assert made[0][-1] == made[1][-1]
    assert len({*made[0], *made[1]}) == Grant.objects.count() == 51
    row = repository.get_by_user_id.blocking(user.pk)
    first = Grant.objects.earliest("starts_at")
    assert row.expires_at == first.starts_at + timedelta(days=51)


def test_a_notice_of_a_process_that_was_killed_is_delivered_by_another_after_the_lease():
    people = users.create_batch.blocking({"telegram_id": number} for number in range(1, 4))
    Notice.objects.bulk_create(
        Notice(user=user, kind="expired", subject=str(user.pk), data={}) for user in people
    )
    bot = start("claim", 2)
    claimed = answer(bot)
    bot.send_signal(signal.SIGKILL)
    bot.communicate()
    until = Notice.objects.latest("claimed_until").claimed_until

    found = eventually(repository.claim_notices.blocking)

    assert clock.now() >= until
    assert sorted(str(notice.id) for notice in found) == sorted(claimed)
    assert all(repository.mark_notice_sent.blocking(notice.id) for notice in found)
    assert Notice.objects.filter(sent_at__isnull=False, attempts=2).count() == 3
