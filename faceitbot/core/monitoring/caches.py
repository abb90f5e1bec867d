"""Each alias of the cache, as this process has met it, and the server behind them."""

from collections.abc import Iterable
from contextlib import suppress

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from faceitbot.core.cache import counters
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.maintenance import ServerFigures, look_at_server
from faceitbot.core.cache.registry import counters_of, server_of
from faceitbot.core.cache.state import CacheUnavailable

# Of each read exactly one of these has grown.
RESULTS = {
    "in_process": counters.IN_PROCESS,
    "hit": counters.HIT,
    "miss": counters.MISS,
    "stale": counters.STALE,
    "undecodable": counters.UNDECODABLE,
    "bypassed": counters.BYPASSED,
}
_OTHERS = (
    ("errors", counters.ERROR, "Commands that failed."),
    ("failed_invalidations", counters.FAILED_MOVES, "Writes that Redis could not be told of at once."),
    ("shared_loads", counters.SHARED, "Reads that waited for another read of the same key."),
    ("refreshes", counters.REFRESHED, "Values that were loaded anew ahead of their end."),
)


class CacheCollector(Collector):
    """Reads what has been counted already."""

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        found = {alias: counters_of(alias).snapshot() for alias in ALIASES}
        reads = CounterMetricFamily(
            "faceitbot_cache_reads", "Reads, and what Redis had for them.", labels=["alias", "result"]
        )
        for alias, counts in found.items():
            for result, name in RESULTS.items():
                reads.add_metric([alias, result], counts[name])
        yield reads
        for suffix, name, what in _OTHERS:
            family = CounterMetricFamily(f"faceitbot_cache_{suffix}", what, labels=["alias"])
            for alias, counts in found.items():
                family.add_metric([alias], counts[name])
            yield family
        held = {alias: server_of(alias).state.shelf.held().get(alias, (0, 0)) for alias in ALIASES}
        for place, (unit, what) in enumerate((("values", "Values"), ("bytes", "Bytes"))):
            gauge = GaugeMetricFamily(
                f"faceitbot_cache_in_process_{unit}",
                f"{what} that this process has just read.",
                labels=["alias"],
            )
            for alias, sizes in held.items():
                gauge.add_metric([alias], sizes[place])
            yield gauge


class RedisCollector(Collector):
    """Asks the server for its figures, which waits a tenth of a second at most, and not at all while it is
    known to be away. Then only `faceitbot_redis_up` is there.
    """

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        figures: ServerFigures | None = None
        if server_of("stats_cache").state.is_usable():
            with suppress(CacheUnavailable):
                figures = look_at_server("stats_cache")
        up = 0 if figures is None else 1
        yield GaugeMetricFamily("faceitbot_redis_up", "Whether Redis answers this process.", value=up)
        if figures is None:
            return
        for name, value, what in (
            ("memory_used_bytes", figures.used_memory, "Memory in use."),
            ("memory_max_bytes", figures.max_memory, "Memory that may be used; 0: no limit."),
            ("keys", figures.keys, "Keys of all databases."),
            ("evicts", int(figures.policy != "noeviction"), "Whether it makes room for what is new."),
        ):
            yield GaugeMetricFamily(f"faceitbot_redis_{name}", what, value=value)
        yield CounterMetricFamily(
            "faceitbot_redis_evicted_keys", "Keys that made room for others.", value=figures.evicted
        )
