"""One row every ten seconds for each process that lives long: its timings, its cache, how late its loop is.

So doctor and the dashboard know how the bot is, without asking it.
"""

import os
import resource
import socket
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate

from prometheus_client import Gauge

from faceitbot.core import clock
from faceitbot.core.attempts import Plan, run
from faceitbot.core.cache import counters
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.registry import counters_of
from faceitbot.core.models import ProcessKind, ProcessSample
from faceitbot.core.monitoring import calls, event_loops, queue, websockets

EVERY_SECONDS = 10.0
KEPT_FOR = timedelta(days=8)  # an hour is compared with the same one a week ago
LIVES = timedelta(seconds=35)  # since its last row: three were not written
BRIEF = timedelta(minutes=10)
_WRITE = Plan("samples.write", budget_seconds=3.0)
_PRUNE = Plan("samples.prune", budget_seconds=30.0)


class Sampler:
    """Makes the rows of this process; each tells of the time since the one before."""

    def __init__(self, kind: ProcessKind) -> None:
        self._kind = kind
        self._process = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self._began = self._since = clock.now()
        self._calls, self._durations, self._cache = _counted()
        self._has_written = False

    def write(self, now: datetime | None = None) -> ProcessSample:
        """Write a row. Errors: `Unavailable`; then the next one tells of this time as well."""
        moment = now or clock.now()
        counted, durations, cache = _counted()
        outcomes = counted - self._calls
        sample = ProcessSample(
            at=moment,
            kind=self._kind,
            process=self._process,
            seconds=max((moment - self._since).total_seconds(), 0.0),
            calls=outcomes.total(),
            failed=sum(outcomes[outcome] for outcome in calls.ERRORS),
            durations=[(durations - self._durations)[bound] for bound in _BOUNDS],
            cache_hits=sum((cache - self._cache)[name] for name in counters.HITS),
            cache_misses=sum((cache - self._cache)[name] for name in counters.MISSES),
            waiting_calls=queue.under_way(),
            websocket_clients=_value(websockets.CLIENTS),
            event_loop_lag_ms=round(event_loops.watch.lag() * 1000, 1),
            memory_bytes=_memory_bytes(),
        )
        run(partial(sample.save, force_insert=True), _WRITE)
        self._has_written = True
        self._since = moment
        self._calls, self._durations, self._cache = counted, durations, cache
        return sample

    def end(self, now: datetime | None = None) -> None:
        """Leave no trace of a bot that ends after a moment: a script called `setup`, and nobody misses it.

        Errors: `Unavailable`.
        """
        brief = (now or clock.now()) - self._began < BRIEF
        if brief and self._has_written and self._kind == ProcessKind.BOT:
            own = ProcessSample.objects.filter(process=self._process, at__gte=self._began)
            run(own.delete, _WRITE)


def percentile(samples: Iterable[ProcessSample], percent: float) -> float | None:
    """Give the milliseconds that so many percent of the calls of all these rows did not exceed; None without.

    Source: linear within the bucket, as Prometheus' histogram_quantile; the last bucket has no end.
    """
    # Rows of another version may have been counted by other bounds.
    rows: list[list[int]] = [sample.durations for sample in samples if len(sample.durations) == len(_BOUNDS)]
    sums: list[int] = list(accumulate(sum(column) for column in zip(*rows, strict=True)))
    if not sums or not sums[-1]:
        return None
    rank: float = sums[-1] * percent / 100
    below, start = 0, 0.0
    for bound, reached in zip(calls.BUCKETS, sums, strict=False):
        if reached >= rank and reached > below:
            return 1000 * (start + (bound - start) * (rank - below) / (reached - below))
        below, start = reached, bound
    return 1000 * calls.BUCKETS[-1]


def latest(now: datetime | None = None) -> list[ProcessSample]:
    """Give the newest row of each process that lives, by kind and name."""
    moment = now or clock.now()
    rows = ProcessSample.objects.filter(at__gt=moment - LIVES, at__lte=moment).order_by("at", "pk")
    newest = {row.process: row for row in rows}
    return sorted(newest.values(), key=lambda row: (row.kind, row.process))


def prune_samples(now: datetime | None = None) -> int:
    """Delete old rows; give how many."""
    old = ProcessSample.objects.filter(at__lt=(now or clock.now()) - KEPT_FOR)
    deleted, _by_table = run(old.delete, _PRUNE)
    return deleted


_BOUNDS = (*(str(bound) for bound in calls.BUCKETS), "+Inf")


def _counted() -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Give calls by outcome, calls by the bound of their duration, and reads of the cache, so far."""
    outcomes: Counter[str] = Counter()
    durations: Counter[str] = Counter()
    for (_method, outcome), counts in calls.DURATIONS.counts().items():
        outcomes[outcome] += sum(counts)
        durations.update(dict(zip(_BOUNDS, counts, strict=True)))
    cache: Counter[str] = Counter()
    for alias in ALIASES:
        cache.update(counters_of(alias).snapshot())
    return outcomes, durations, cache


def _value(gauge: Gauge) -> int:
    return int(next(sample.value for metric in gauge.collect() for sample in metric.samples))


def _memory_bytes() -> int:
    """Give the most memory that this process has had; Linux counts it in KiB, macOS in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
