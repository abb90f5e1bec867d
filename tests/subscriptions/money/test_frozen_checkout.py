"""Telegram waits ten seconds for the answer to a pre-checkout query; ours comes within three."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.database_faults import frozen, own_servers

pytestmark = pytest.mark.alone

WORKER = Path(__file__).with_name("checkout_worker.py")


@pytest.fixture(scope="module")
def environment():
    with own_servers() as variables:
        yield variables


@pytest.fixture
def bot(environment):
    with subprocess.Popen(
        [sys.executable, str(WORKER)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def ask(bot, queries):
    bot.stdin.write(f"{queries}\n")
    found = json.loads(bot.stdout.readline())
    return found["answers"], found["slowest"]


@pytest.mark.parametrize("queries", [1, 40])
def test_a_frozen_database_declines_in_time(environment, bot, queries, report):
    assert ask(bot, queries)[0] == {"ok": queries}

    with frozen(environment):
        answers, slowest = ask(bot, queries)

    report(f"frozen: {queries} queries declined after {slowest:.1f} s at the latest")
    assert answers == {"unavailable": queries}
    assert slowest < 3  # seconds
    while ask(bot, 1)[0] != {"ok": 1}:  # what was cut off is made anew
        pass
    assert ask(bot, queries)[0] == {"ok": queries}
