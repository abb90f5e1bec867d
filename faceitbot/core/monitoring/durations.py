"""How many calls there were and how long they took, counted as Prometheus wants to read it.

Its library's own counters take several times as long, which every hot call would pay for.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

Labels = tuple[str, ...]


class Durations(Collector):
    """Calls by their labels: a counter `<name>s`, and a histogram `<name>_duration_seconds`."""

    def __init__(self, name: str, what: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        self._name = name
        self._what = what
        self._labels = labels
        self._bounds = bounds
        self._series: dict[Labels, _Series] = {}
        self._lock = threading.Lock()

    def declare(self, *labels: str, with_duration: bool = False) -> None:
        """Begin at 0, so that the first call is an increase; a duration is twelve lines of text."""
        with self._lock:
            series = self._begin(labels)
            series.is_told |= with_duration

    def add(self, seconds: float, *labels: str) -> None:
        """Count a call."""
        with self._lock:
            series = self._series.get(labels) or self._begin(labels)
            series.counts[bisect_left(self._bounds, seconds)] += 1
            series.seconds += seconds
            series.is_told = True

    def counts(self) -> dict[Labels, list[int]]:
        """Give how many calls lay between two bounds, and above the last, by their labels."""
        with self._lock:
            return {labels: [*series.counts] for labels, series in self._series.items()}

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            found = [
                (labels, [*series.counts], series.seconds if series.is_told else None)
                for labels, series in self._series.items()
            ]
        calls = CounterMetricFamily(f"{self._name}s", f"{self._what}.", labels=self._labels)
        durations = HistogramMetricFamily(
            f"{self._name}_duration_seconds", f"{self._what}: how long they took.", labels=self._labels
        )
        bounds = [*map(str, self._bounds), "+Inf"]
        for labels, counts, seconds in found:
            reached = [*accumulate(counts)]
            calls.add_metric(labels, reached[-1])
            if seconds is not None:
                durations.add_metric(labels, [*zip(bounds, reached, strict=True)], seconds)
        yield calls
        yield durations

    def _begin(self, labels: Labels) -> "_Series":
        return self._series.setdefault(labels, _Series(len(self._bounds) + 1))


class _Series:
    """Of one set of labels: the `counts` between two bounds, and above the last; the sum of the durations,
    which `is_told` from the first call on.
    """

    __slots__ = ("counts", "is_told", "seconds")

    def __init__(self, steps: int) -> None:
        self.counts = [0] * steps
        self.seconds = 0.0
        self.is_told = False
