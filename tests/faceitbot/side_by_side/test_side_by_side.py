"""Two bots and two web processes on one database and one Valkey: each is right, and all say the same.

`python3 dev.py prove side_by_side`: a minute; it needs four processes, and is not part of the suite.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest

from analytics.models import LateHour
from analytics.repositories import RollUpRepository
from analytics.rollups.counts import COUNTS
from analytics.rollups.reading import History
from faceitbot.core import clock
from faceitbot.core.display import stars
from faceitbot.core.integrity import scan
from subscriptions.models import Grant, Notice, TierLimits, UserSubscription
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.analytics import plain
from tests.eventually import eventually
from tests.faceitbot.live.serving import Server, answers, cookie_of
from tests.factories import StaffFactory
from tests.other_process import environment
from tests.startup.conftest import free_port
from users.models import UserActivity
from users.repositories import UserRepository

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof("side_by_side"), pytest.mark.alone]
HERE = Path(__file__).parent
LIMIT, LIMITED, EXPIRING, PAST_HOURS = 25, 30, 60, 5
WITHIN = 1.0  # a write of one process is seen by the others
SECONDS = 60
AN_HOUR = timedelta(hours=1)
users, subscriptions, payments = UserRepository(), SubscriptionRepository(), PaymentRepository()


@pytest.fixture(autouse=True)
def _full_size_only(full_size):
    if not full_size:
        pytest.skip("takes a minute; python3 dev.py prove side_by_side")


class Talker:
    """A process that answers a line with a line."""

    def __init__(self, name, worker, *arguments, **variables):
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / worker), *map(str, arguments)],
            env={**environment(), **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def hear(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        return self.hear()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@contextmanager
def talking(*arguments, **variables):
    talker = Talker(*arguments, **variables)
    try:
        yield talker
    finally:
        talker.kill()


@contextmanager
def bots(*names, words=()):
    with ExitStack() as stack:
        found = [stack.enter_context(talking(name, "bot_worker.py", LIMITED, *words)) for name in names]
        for bot in found:
            assert bot.hear() == "ready"
        yield found


@contextmanager
def webs(*names):
    own = {"HTTPS": "false", "ALLOWED_HOSTS": "127.0.0.1", "DEBUG": "false", "PYTHONWARNINGS": "ignore"}
    with ExitStack() as stack:
        found = []
        for name in names:
            port = free_port()
            web = stack.enter_context(talking(name, "web_worker.py", port, **own))
            found.append((web, port))
        for _web, port in found:
            eventually(partial(answers, port), within=60)
        yield found


def people():
    """Make users with a limit, and others whose access ends within the time of the proof."""
    TierLimits.objects.filter(pk="free").update(daily_requests=LIMIT)
    users.create_batch.blocking({"telegram_id": number} for number in range(1, LIMITED + 1))
    ending = users.create_batch.blocking({"telegram_id": 1_000 + number} for number in range(EXPIRING))
    now = clock.now()
    users.bulk_update_activity.blocking(
        {"user_id": number, "timestamp": now - hours * AN_HOUR}
        for number in range(1, LIMITED + 1)
        for hours in range(1, PAST_HOURS + 1)
    )
    RollUpRepository().update_roll_ups.blocking()
    for place, user in enumerate(ending):
        ends = now + timedelta(seconds=20 + (SECONDS - 20) * place / EXPIRING)
        subscriptions.upgrade_subscription.blocking(user.pk, "premium", 1, now=ends - timedelta(days=1))
    return ending


def seconds_until_seen(writer, readers, number, match):
    """Let one write, and give how much later the others had asked when they saw it, at worst."""
    for reader in readers:
        reader.ask("read", number)  # so that it lies in the cache
    assert writer.ask("write", number, match) == "written"
    began = time.monotonic()
    for reader in readers:
        asked = time.monotonic()
        while reader.ask("read", number) != match:
            assert asked - began < WITHIN, f"{reader.name} does not see what {writer.name} has written"
            asked = time.monotonic()
    return asked - began


def shown(port, cookie, process):
    """Give the figures and events of the first snapshot that a viewer of a web process gets from now on."""
    server = Server.__new__(Server)
    server.process, server.port, server.url = process, port, f"http://127.0.0.1:{port}"
    since = clock.now().isoformat()
    with server.watch(cookie) as viewer:
        while (told := json.loads(viewer.recv(timeout=20)))["at"] < since:
            viewer.send("got it")
    return {name: told[name] for name in ("figures", "events", "charts")}


def sell(number, both):
    """Let both bots hear of the same payment."""
    user = users.create_user.blocking(number)
    order = payments.create_order.blocking(user.pk, "pro")
    for bot in both:
        assert bot.ask("pay", number, f"charge-{number}", order.payload, order.stars) == "paid"
    return order.stars


def test_two_bots_and_two_webs(report):
    staff = StaffFactory.create(username="boss")
    cookie = cookie_of(staff)
    with bots("bot 1", "bot 2") as both, webs("web 1", "web 2") as ports:
        ending = people()
        everybody = [*both, *(web for web, _port in ports)]
        began, until = clock.now(), time.monotonic() + SECONDS
        for bot in both:
            assert bot.ask("work") == "working"
        delays: list[float] = []
        earned, writers = 0, cycle(everybody)
        while time.monotonic() < until:
            writer, place = next(writers), len(delays)
            others = [each for each in everybody if each is not writer]
            delays.append(seconds_until_seen(writer, others, 1 + place % LIMITED, f"1-{place}"))
            if place % 20 == 0:
                earned += sell(2_000 + place, both)
        accounts = [bot.ask("end") for bot in both]

        seen = [shown(port, cookie, web.process) for web, port in ports]

    calls, late = (sum(each[what] for each in accounts) for what in ("calls", "late"))
    admitted = Counter[int]()
    for each in accounts:
        admitted.update({int(number): times for number, times in each["admitted"].items()})
    expired = Counter(user for each in accounts for user in each["expired"])
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    report(
        f"{SECONDS} s: {calls} requests of {LIMITED} users by two bots, {sum(admitted.values())} admitted; "
        f"{len(delays)} writes seen by three others "
        f"that asked {statistics.median(delays) * 1000:.0f} ms later, at worst {max(delays) * 1000:.0f} ms; "
        f"{len(expired)} expired, {'/'.join(str(len(each['expired'])) for each in accounts)} by each; "
        f"{sum(each['rolled_up'] for each in accounts)} roll-ups with {late} requests that came late; {load}"
    )
    assert_limits_are_exact(calls, admitted)
    assert_each_expired_once(ending, expired)
    assert_money_came_once(earned)
    assert late > 1
    assert sum(each["rolled_up"] for each in accounts) > 0
    assert_roll_ups_equal_the_rows(began, calls + late + PAST_HOURS * LIMITED)
    assert seen[0] == seen[1]
    assert seen[0]["figures"]["revenue"]["figure"] == stars(earned)
    assert [claim.name for claim, rows in scan() if rows] == []


def assert_limits_are_exact(calls, admitted):
    assert calls > LIMIT * LIMITED, "there were too few to try the limits"
    assert admitted == dict.fromkeys(range(1, LIMITED + 1), LIMIT)
    rows = UserSubscription.objects.filter(user__telegram_id__lte=LIMITED)
    assert set(rows.values_list("daily_requests", flat=True)) == {LIMIT}


def assert_each_expired_once(ending, expired):
    assert expired == dict.fromkeys((str(user.pk) for user in ending), 1)
    told = Notice.objects.filter(kind="expired").values_list("user_id", flat=True)
    assert sorted(map(str, told)) == sorted(expired)


def assert_money_came_once(earned):
    grants = Grant.objects.filter(payment__isnull=False)
    assert grants.count() == grants.values("payment").distinct().count() > 0
    assert plain.total("revenue", clock.now() - AN_HOUR, clock.now()) == earned


def assert_roll_ups_equal_the_rows(began, requests):
    start, end = (clock.start_of_hour(began) + hours * AN_HOUR for hours in (-PAST_HOURS - 1, 2))

    def compare():
        history = History.read()
        for name in COUNTS:
            assert history.total(name, start, end) == plain.total(name, start, end), name

    compare()
    RollUpRepository().update_roll_ups.blocking()
    assert not LateHour.objects.exists()
    assert plain.total("requests", start, end) == requests
    compare()
    UserActivity.objects.filter(hour__lt=clock.start_of_hour(began)).delete()
    assert History.read().total("requests", start, end) == requests, "sums alone"


def test_control_a_write_that_is_not_told_is_not_seen():
    people()
    with bots("reader") as (reader,), bots("silent", words=["without-telling"]) as (silent,):
        with pytest.raises(AssertionError, match="does not see"):
            seconds_until_seen(silent, [reader], 1, "1-silent")
