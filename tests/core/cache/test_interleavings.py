"""Readers and writers of several processes, in random order, with faults: nobody is shown an old row.

The printed seed repeats a run.
"""

import random
from functools import cache, partial

import pytest
from django.conf import settings
from redis import Redis

from faceitbot.core.cache import doubts
from tests.core.cache.world import TTL_SECONDS, Process, World
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

READERS, WRITERS, STEPS = 4, 2, 600
WRITES = 0.2  # of the turns that a writer has


@cache
def patient_client():
    """Without the short time that the product waits: a busy machine is no fault of the protocol."""
    return Redis.from_url(settings.REDIS_URL)


def new_world(seed):
    return World(patient_client(), UserFactory.create().pk, seed)


def actors_of(world):
    """Four readers; two writers that also read; the keeper of each."""

    def seldom(process):
        return process.write() if world.random.random() < WRITES else process.keep()

    readers = [Process(world) for _number in range(READERS)]
    writers = [Process(world) for _number in range(WRITERS)]
    actors = [(process, process.read) for process in readers for _twice in range(2)]
    actors += [(process, begin) for process in writers for begin in (partial(seldom, process), process.read)]
    return actors + [(process, process.keep) for process in (*readers, *writers)]


def no_failure(process, step):
    return ""


def run_faulty(world):
    """Lost answers, lost commands, dying processes, outages, and restarts, empty or with old contents."""
    dice, outage = world.random, 0
    actors = actors_of(world)

    def fail(process, step):
        if outage:
            return "before"
        return dice.choices(("", "before", "after", "dies"), (92, 3, 3, 2))[0]

    for _part in range(6):
        outage = dice.random() < 0.2
        world.interleave(actors, STEPS // 6, fail)
        event = dice.random()
        if event < 0.3:
            world.keep_contents()
        elif event < 0.5:
            world.restart(with_old_contents=dice.random() < 0.5)


@pytest.mark.proof("interleavings")
def test_no_reader_goes_back_or_sees_what_is_older_than_its_time(full_size, report):
    count, seed = (2_000 if full_size else 80), random.randrange(1_000_000)
    reads = hits = 0
    longest = 0.0
    for number in range(count):
        world = new_world(seed + number)
        run_faulty(world)
        assert world.went_back == [], f"seed {seed + number}"
        reads, hits = reads + world.reads, hits + world.hits
        longest = max(longest, world.longest_staleness)

    report(
        f"{count} interleavings with faults from seed {seed}: {reads} reads, {hits / reads:.0%} from Redis,"
        f" longest staleness {longest:.1f} of {TTL_SECONDS:.0f} simulated seconds"
    )
    assert longest <= TTL_SECONDS
    assert hits > reads / 20


def test_control_without_doubts_readers_go_back(monkeypatch, report):
    monkeypatch.setattr(doubts.Doubts, "among", lambda self, names: {})
    monkeypatch.setattr(doubts.Doubts, "pending", lambda self: {})

    for seed in range(60):
        world = new_world(seed)
        run_faulty(world)
        if world.went_back:
            break

    report(f"without doubts: in the world of seed {seed} readers went back")
    assert world.went_back
