"""Readers and writers of several processes, in random order, with faults: nobody is shown an old row.

The printed seed repeats a run.
"""

import random
from functools import cache, partial

import pytest
from django.conf import settings
from redis import Redis

from faceitbot.core.cache import doubts
from faceitbot.core.cache.shelf import SECONDS, Shelf
from tests.core.cache.world import TTL_SECONDS, Process, World
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

READERS, WRITERS, STEPS = 4, 2, 600
WRITES = 0.2  # of the turns that a writer has


@cache
def patient_client():
    """Without the short time that the product waits: a busy machine is no fault of the protocol."""
    return Redis.from_url(settings.REDIS_URL)


def new_world(seed, *, in_process=True):
    return World(patient_client(), UserFactory.create().pk, seed, 100_000 if in_process else 0)


def actors_of(world):
    """Four readers; two writers that also read; the keeper of each."""

    def seldom(process):
        return process.write() if world.random.random() < WRITES else process.keep()

    readers = [Process(world) for _number in range(READERS)]
    writers = [Process(world) for _number in range(WRITERS)]
    actors = [(process, process.read) for process in readers for _twice in range(2)]
    actors += [(process, begin) for process in writers for begin in (partial(seldom, process), process.read)]
    return actors + [(process, process.keep) for process in (*readers, *writers)]


def run_well(world):
    """Nothing fails: a write is told as soon as its process comes to it."""
    world.interleave(actors_of(world), STEPS, lambda _process, _step: "")


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
    reads = hits = in_process = 0
    longest = 0.0
    for number in range(count):
        world = new_world(seed + number, in_process=number % 2 == 0)
        run_faulty(world)
        assert world.went_back == [], f"seed {seed + number}"
        reads, hits, in_process = reads + world.reads, hits + world.hits, in_process + world.in_process
        longest = max(longest, world.longest_staleness)

    report(
        f"{count} interleavings with faults from seed {seed}: {reads} reads, {hits / reads:.0%} from Redis,"
        f" {in_process / reads:.0%} from the memory of their process,"
        f" longest staleness {longest:.1f} of {TTL_SECONDS:.0f} simulated seconds"
    )
    assert longest <= TTL_SECONDS
    assert hits > reads / 20
    assert in_process > reads / 20


@pytest.mark.proof("interleavings")
def test_where_nothing_fails_a_write_is_seen_by_all_in_time(full_size, report):
    """By its own process at once, or it would go back; by the others while what they have read grows old."""
    count, seed = (500 if full_size else 20), random.randrange(1_000_000)
    longest, in_process = 0.0, 0
    for number in range(count):
        world = new_world(seed + number)
        run_well(world)
        assert world.went_back == [], f"seed {seed + number}"
        longest, in_process = max(longest, world.longest_after_telling), in_process + world.in_process

    report(
        f"{count} interleavings without faults from seed {seed}: {in_process} reads from the memory of their"
        f" process, at most {longest:.2f} simulated seconds after a write had been told"
    )
    assert 0 < longest <= SECONDS
    assert in_process


def worlds(run):
    for seed in range(200):
        world = new_world(seed)
        run(world)
        yield seed, world


def test_control_without_numbers_of_writes_a_process_does_not_see_its_own(monkeypatch, report):
    monkeypatch.setattr(Shelf, "written", lambda self, names, unsure_seconds=0: None)

    seed = next(seed for seed, world in worlds(run_well) if world.went_back)

    report(f"without the numbers of writes: in the world of seed {seed} readers went back")


def test_control_when_reads_that_cross_each_other_are_kept_readers_go_back(monkeypatch, report):
    put = Shelf._put
    monkeypatch.setattr(Shelf, "_put", lambda self, name, kept: put(self, name, kept._replace(ended=0)))

    seed = next(seed for seed, world in worlds(run_well) if world.went_back)

    report(f"with reads that cross each other: in the world of seed {seed} readers went back")


def test_control_when_a_value_is_young_at_its_arrival_it_is_served_too_long(monkeypatch, report):
    keep = Shelf.keep

    def late(self, address, asked, payload, expires):
        keep(self, address, asked._replace(moment=self._steady()), payload, expires)

    monkeypatch.setattr(Shelf, "keep", late)

    seed, world = next(found for found in worlds(run_well) if found[1].longest_after_telling > SECONDS)

    report(f"counted from its arrival: in the world of seed {seed} {world.longest_after_telling:.1f} s")


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
