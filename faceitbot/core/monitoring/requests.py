"""HTTP requests."""

from prometheus_client import Counter, Histogram

from faceitbot.core.monitoring.calls import BUCKETS

METHODS = ("GET", "POST", "other")
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
REQUESTS = Counter("faceitbot_http_requests", "HTTP requests that were answered.", ["method", "status"])
SECONDS = Histogram(
    "faceitbot_http_request_duration_seconds", "How long answers took.", ["method"], buckets=BUCKETS
)

for _method in METHODS:
    SECONDS.labels(_method)
    for _status in STATUSES:
        REQUESTS.labels(_method, _status)


def note_request(method: str | None, status: int, seconds: float) -> None:
    """Count an answered request."""
    known = method if method in METHODS else "other"
    kind = f"{status // 100}xx"
    REQUESTS.labels(known, kind if kind in STATUSES else "5xx").inc()
    SECONDS.labels(known).observe(seconds)
