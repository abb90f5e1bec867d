"""Statements, transactions that were run again, and the pool of connections."""

import re
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, cast

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from prometheus_client import Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from psycopg_pool import ConnectionPool

from faceitbot.core.monitoring.calls import BUCKETS

KINDS = ("select", "insert", "update", "delete", "with", "other")
QUERIES = Histogram(
    "faceitbot_database_query_duration_seconds",
    "How long statements took, by their first word.",
    ["statement"],
    buckets=(0.001, *BUCKETS[:-1]),
)
QUERY_ERRORS = Counter("faceitbot_database_query_errors", "Statements that failed.", ["statement"])
RETRIES = Counter(
    "faceitbot_transaction_retries",
    "Transactions that were run again: after a conflict, or on a new connection.",
    ["reason"],
)
CONFLICT, RECONNECTED = "conflict", "reconnected"
_FIRST_WORD = re.compile(r"\s*\(?\s*([A-Za-z]+)")

for _kind in KINDS:
    QUERIES.labels(_kind)
    QUERY_ERRORS.labels(_kind)
for _reason in (CONFLICT, RECONNECTED):
    RETRIES.labels(_reason)


def measure_connections() -> None:
    """Measure each statement on every connection that is made from now on."""
    connection_created.connect(_measure, dispatch_uid="faceitbot-monitoring")


def _measure(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    if measured not in connection.execute_wrappers:
        connection.execute_wrappers.append(measured)


def measured(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Run a statement and measure it."""
    kind, started, is_done = _kind_of(sql), perf_counter(), False
    try:
        result = execute(sql, params, many, context)
        is_done = True
        return result
    finally:
        QUERIES.labels(kind).observe(perf_counter() - started)
        if not is_done:
            QUERY_ERRORS.labels(kind).inc()


def _kind_of(sql: object) -> str:
    found = _FIRST_WORD.match(sql) if isinstance(sql, str) else None
    word = found.group(1).lower() if found else ""
    return word if word in KINDS else "other"


class PoolCollector(Collector):
    """What the pool says of itself; asking it opens nothing."""

    def describe(self) -> Iterable[Metric]:
        return list(_pool_metrics({}))

    def collect(self) -> Iterable[Metric]:
        pool = cast("ConnectionPool | None", getattr(connections["default"], "pool", None))
        return list(_pool_metrics(pool.get_stats() if pool is not None else {}))


def _pool_metrics(stats: dict[str, int]) -> Iterable[Metric]:
    for name, key, what in (
        ("max", "pool_max", "Connections that this process may have."),
        ("size", "pool_size", "Connections that this process has."),
        ("available", "pool_available", "Connections that nobody uses just now."),
        ("waiting", "requests_waiting", "Callers that wait for a connection."),
    ):
        yield GaugeMetricFamily(f"faceitbot_database_pool_{name}", what, value=stats.get(key, 0))
    for name, key, what in (
        ("requests", "requests_num", "How often a connection was asked for."),
        ("waits", "requests_queued", "How often somebody had to wait for one."),
        ("errors", "requests_errors", "How often somebody got none in time."),
        ("lost", "connections_lost", "Connections that broke."),
    ):
        yield CounterMetricFamily(f"faceitbot_database_pool_{name}", what, value=stats.get(key, 0))
