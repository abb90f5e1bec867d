"""Many viewers, some of whom say nothing: one snapshot a tick, in time, in little memory, at nobody's cost.

Small in the suite; `python3 dev.py prove live` has two hundred viewers for a minute.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

import pytest

from faceitbot.live.consumer import TOO_SLOW
from subscriptions.repositories import PaymentRepository
from tests.faceitbot.live.serving import SOCKET, served
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = Path(__file__).with_name("watchers_worker.py")
money, users = PaymentRepository(), UserRepository()


def watch(server, cookie, readers, silent, seconds):
    """Start the viewers, and come back when all of them are there."""
    process = subprocess.Popen(
        [
            sys.executable,
            str(WORKER),
            f"ws://127.0.0.1:{server.port}{SOCKET}",
            server.url,
            cookie,
            *map(str, (readers, silent, seconds)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert json.loads(process.stdout.readline()) == "watching"
    return process


def seconds_of_payments(first, number):
    """Sell so many months, one after the other, and give what each took."""
    took = []
    for telegram_id in range(first, first + number):
        user = users.create_user.blocking(telegram_id)
        order = money.create_order.blocking(user.pk, "premium", "monthly")
        began = time.monotonic()
        money.record_successful_payment.blocking(
            telegram_id, order.payload, "XTR", order.stars, f"charge-{telegram_id}"
        )
        took.append(time.monotonic() - began)
    return statistics.median(took)


@pytest.mark.proof("live")
def test_all_viewers_share_one_snapshot_a_tick(server, cookie, full_size, report):
    readers, silent, seconds, payments = (180, 20, 60, 200) if full_size else (18, 2, 4, 5)
    with served() if full_size else nullcontext(server) as web:
        with web.watch(cookie) as first:
            first.recv(timeout=20)
        alone, memory = seconds_of_payments(1_000, payments), web.memory()
        began = time.monotonic()
        process = watch(web, cookie, readers, silent, seconds)

        watched = seconds_of_payments(2_000, payments)
        output, _nothing = process.communicate(timeout=seconds + 60)
        ended, grown = time.monotonic(), web.memory() - memory

    found = json.loads(output)
    made = [each["began"] for each in web.made if began < each["began"] < ended]
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    report(
        f"{readers} viewers and {silent} silent ones, {ended - began:.0f} s: {len(made)} snapshots made, "
        f"{found['fewest']} to {found['most']} seen by each; {found['p50'] * 1000:.0f} ms old on arrival, "
        f"99 % at most {found['p99'] * 1000:.0f} ms; {grown:.1f} MiB more in memory; a payment took "
        f"{alone * 1000:.1f} ms alone, {watched * 1000:.1f} ms meanwhile; {load}"
    )
    assert all(later - earlier > 0.9 * web.tick for earlier, later in pairwise(made))
    assert found["most"] <= len(made)
    assert found["fewest"] >= found["most"] - 2
    assert found["closed"] == [TOO_SLOW] * silent
    assert found["p99"] < (1.0 if full_size else 3.0)
    assert grown < 64
    if full_size:  # a few payments show nothing
        assert watched < 3 * alone
