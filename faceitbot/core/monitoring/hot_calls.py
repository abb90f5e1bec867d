"""Which way the calls of hot methods went in this process, and how many statements they shared."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from faceitbot.core.statements import ways


class HotCallCollector(Collector):
    """Reads what has been counted already. Of a bot's calls next to none go another way than `pool`."""

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        calls = CounterMetricFamily(
            "faceitbot_hot_calls", "Calls of hot methods, by the way they went.", labels=["method", "way"]
        )
        for (method, way), number in ways.all_calls().items():
            calls.add_metric([method, way], number)
        yield calls
        statements = CounterMetricFamily(
            "faceitbot_shared_statements",
            "Statements that calls could share, with commands to Redis and COPY.",
            labels=["statement"],
        )
        callers = CounterMetricFamily(
            "faceitbot_shared_statement_calls", "Calls that they answered.", labels=["statement"]
        )
        for name, sizes in ways.all_batch_sizes().items():
            statements.add_metric([name], sum(sizes.values()))
            callers.add_metric([name], sum(size * number for size, number in sizes.items()))
        yield statements
        yield callers
