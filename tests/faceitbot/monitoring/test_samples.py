"""Each process that lives long leaves a row of itself now and then."""

import asyncio
import time
from datetime import timedelta

import pytest

from faceitbot.core import clock
from faceitbot.core.cache import counters
from faceitbot.core.cache.registry import counters_of
from faceitbot.core.errors import Unavailable
from faceitbot.core.models import ProcessKind, ProcessSample
from faceitbot.core.monitoring import calls, event_loops, samples
from tests.eventually import eventually


@pytest.mark.django_db(transaction=True)
def test_a_row_tells_of_the_time_since_the_one_before():
    sampler = samples.Sampler(ProcessKind.BOT)
    with calls.Measured("UserRepository.touch"):
        pass
    with pytest.raises(Unavailable), calls.Measured("UserRepository.touch"):
        raise Unavailable("away")
    counters_of("player_cache").add(counters.HIT, 3)
    counters_of("match_cache").add(counters.STALE, 2)

    first = sampler.write()
    second = sampler.write(clock.now() + timedelta(seconds=10))

    assert (first.kind, first.calls, first.failed) == ("bot", 2, 1)
    assert (first.cache_hits, first.cache_misses) == (3, 2)
    assert (sum(first.durations), len(first.durations)) == (2, len(calls.BUCKETS) + 1)
    assert first.memory_bytes > 10_000_000
    assert 9 < second.seconds < 12
    assert second.calls == 1  # the first row's own INSERT
    assert [row.pk for row in samples.latest(second.at)] == [second.pk]
    assert samples.latest(second.at + timedelta(minutes=1)) == []


def rows(*durations):
    return [ProcessSample(durations=list(each)) for each in durations]


def test_percentiles_are_those_of_all_rows_together():
    size = len(calls.BUCKETS) + 1
    fast, slow = [100, *[0] * (size - 1)], [0] * (size - 2) + [0, 100]
    between = [0] * size
    between[3] = 100  # 25 to 50 ms

    assert samples.percentile(rows(between), 50) == pytest.approx(37.5)
    assert samples.percentile(rows(fast, between), 50) == pytest.approx(5)
    assert samples.percentile(rows(slow), 95) == 10_000
    assert samples.percentile(rows([0] * size), 95) is None
    assert samples.percentile(rows([1, 2, 3]), 95) is None
    assert samples.percentile([], 95) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "minutes", "left"),
    [(ProcessKind.BOT, 9, 0), (ProcessKind.BOT, 11, 1), (ProcessKind.WEB, 1, 1)],
)
def test_a_script_that_ends_leaves_no_trace_as_a_bot(kind, minutes, left):
    sampler = samples.Sampler(kind)
    sampler.write()

    sampler.end(clock.now() + timedelta(minutes=minutes))

    assert ProcessSample.objects.count() == left


@pytest.mark.django_db
def test_old_rows_go():
    now = clock.now()
    sampler = samples.Sampler(ProcessKind.WEB)
    sampler.write(now - timedelta(days=9))
    kept = sampler.write(now)

    assert samples.prune_samples(now) == 1
    assert ProcessSample.objects.get().pk == kept.pk


async def test_a_loop_that_stands_still_is_seen_while_it_does():
    watch = event_loops.LoopWatch()
    watch.notice(asyncio.get_running_loop())
    watch.ask()

    time.sleep(0.3)  # noqa: ASYNC251 - what somebody should not do

    assert watch.lag() > 0.25
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert 0.25 < watch.lag() < 5


def test_a_loop_that_is_closed_is_forgotten():
    watch = event_loops.LoopWatch()
    loop = asyncio.new_event_loop()
    watch.notice(loop)
    loop.close()

    watch.ask()

    eventually(lambda: watch.lag() == 0.0)


@pytest.mark.parametrize("asked_again", [False, True])
def test_a_loop_that_is_closed_owes_no_answer(asked_again):
    watch = event_loops.LoopWatch()
    loop = asyncio.new_event_loop()
    watch.notice(loop)
    watch.ask()
    assert watch.lag() > 0
    loop.close()

    if asked_again:
        watch.ask()

    assert watch.lag() == 0.0
