"""Whoever dies, at whatever word to the database, leaves all of a payment or nothing; redelivery mends it."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from faceitbot.core.integrity import invariants
from subscriptions.models import Grant, Notice, Payment
from tests.other_process import environment

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = Path(__file__).with_name("crash_worker.py")
# For each kind of money: payments and live grants of one user in the end, and how often he is told.
EXPECTED = {"granted": (1, 1, 0), "renewal": (2, 2, 1), "odd": (1, 0, 0), "refund": (1, 0, 1)}


@pytest.mark.proof("crashes")
@pytest.mark.parametrize("deaths", [1, 2])
@pytest.mark.parametrize("kind", EXPECTED)
def test_a_crash_at_each_point_and_redelivery(kind, deaths, full_size, report):
    stride = 1 if full_size else 13
    worker = subprocess.run(
        [sys.executable, str(WORKER), kind, str(deaths), str(stride)],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )

    said = [json.loads(line) for line in worker.stdout.splitlines()]
    points = {number: what for number, what in said if what != "nothing"}
    last, nothing = said[-1]
    report(f"{kind}: died {deaths} times at each of {len(points)} points of {last - 1}")
    assert (nothing, sorted(points)) == ("nothing", list(range(1, last, stride)))
    assert last > 25
    if full_size:
        assert {"before COMMIT", "after COMMIT"} <= set(points.values())
        assert any(what.startswith('before INSERT INTO "audit_entries"') for what in points.values())
    payments, live, told = EXPECTED[kind]
    users = len(points) + 1  # the last one met no crash
    assert Payment.objects.count() == payments * users
    assert Grant.objects.filter(revoked_at=None, duration=timedelta(days=30)).count() == live * users
    assert Notice.objects.count() == told * users
    assert {found.name for found in invariants() if list(found.find())} == set()
