"""Payments that came while the database was away are there after the next sync, without anybody's help."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.database_faults import frozen, own_servers

pytestmark = pytest.mark.alone

WORKER = Path(__file__).with_name("outage_worker.py")
PAYMENTS = 100


def test_a_hundred_payments_are_lost_to_an_outage_and_found_in_telegrams_list(report):
    with (
        own_servers() as environment,
        subprocess.Popen(
            [sys.executable, str(WORKER)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        ) as bot,
    ):
        assert bot.stdout.readline() == "ready\n"
        with frozen(environment):
            bot.stdin.write("the payments come\n")
            errors = json.loads(bot.stdout.readline())
        bot.stdin.write("the database is back\n")
        stored, recovered, granted = json.loads(bot.stdout.readline())

    report(f"lost: {errors}; stored all the same: {stored}; found by the sync: {recovered}")
    assert sum(errors.values()) == PAYMENTS
    assert set(errors) <= {"database_unavailable", "outcome_unknown", "too_busy"}
    assert (stored + recovered, granted) == (PAYMENTS, PAYMENTS)
