"""Who watches: whoever serves websockets counts them here."""

from prometheus_client import Gauge

CLIENTS = Gauge("faceitbot_websocket_clients", "Open websockets of this process.")
