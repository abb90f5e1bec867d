"""The text that Prometheus reads."""

import threading
from dataclasses import dataclass
from wsgiref.simple_server import WSGIServer

from prometheus_client import REGISTRY, Gauge, disable_created_metrics, start_http_server
from prometheus_client.exposition import choose_encoder

from faceitbot.core.monitoring import calls
from faceitbot.core.monitoring.caches import CacheCollector, RedisCollector
from faceitbot.core.monitoring.database import PoolCollector
from faceitbot.core.monitoring.hot_calls import HotCallCollector

BUILD = Gauge("faceitbot_build_info", "Which version this is.", ["version"])
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Port:
    """An HTTP server of its own, in a thread, that gives the metrics and nothing else."""

    number: int
    server: WSGIServer
    thread: threading.Thread

    def close(self) -> None:
        """Answer no more."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


_open: list[Port] = []


def register_collectors(version: str) -> None:
    """Add what is read when somebody asks. The moments of creation, half of the text, are left out."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
    BUILD.labels(version).set(1)
    for collector in (
        calls.DURATIONS,
        PoolCollector(),
        CacheCollector(),
        HotCallCollector(),
        RedisCollector(),
    ):
        REGISTRY.register(collector)


def exposed(accept: str = "") -> tuple[bytes, str]:
    """Give the metrics and their content type, as the Accept header wants them."""
    encode, content_type = choose_encoder(accept)
    return encode(REGISTRY), content_type


def serve_metrics(port: int, address: str = LOOPBACK) -> int:
    """Serve this process's metrics over HTTP; give the port, which the system has chosen if it was 0.

    Anybody who reaches the address may read them: other machines than this one only behind a firewall.
    Errors: `OSError` when the port is taken.
    """
    server, thread = start_http_server(port, address)
    opened = Port(server.server_port, server, thread)
    _open.append(opened)
    return opened.number


def close_ports() -> None:
    """Serve the metrics no more."""
    while _open:
        _open.pop().close()
