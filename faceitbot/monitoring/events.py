"""Business events as metrics: the same that are written as rows, counted in memory."""

from prometheus_client import Counter

from analytics.events import EVENTS
from analytics.recording import LOST
from faceitbot.core.observability import Tags, add_sink

PAYMENTS = {
    "payment.completed": "completed",
    "payment.refunded": "refunded",
    "payment.needs_review": "needs_review",
}
OTHER = "other"  # names that no app of ours reports
REPORTED = EVENTS.keys() - {LOST}  # of which `faceitbot_events_lost` tells
EVENTS_TOTAL = Counter("faceitbot_events", "Business events, by their name.", ["event"])
_EVENTS = {name: EVENTS_TOTAL.labels(name) for name in (*REPORTED, OTHER)}  # found sooner than by `labels`
PAYMENTS_TOTAL = Counter("faceitbot_payments", "Payments, by what became of them.", ["outcome"])
STARS_TOTAL = Counter("faceitbot_payment_stars", "Stars that were paid, and given back.", ["outcome"])


def connect() -> None:
    """Count events from now on; each name begins at 0."""
    for outcome in PAYMENTS.values():
        PAYMENTS_TOTAL.labels(outcome)
    for outcome in ("completed", "refunded"):
        STARS_TOTAL.labels(outcome)
    add_sink(count)


def count(name: str, value: float, _tags: Tags) -> None:
    """Count an event."""
    (_EVENTS.get(name) or _EVENTS[OTHER]).inc()
    outcome = PAYMENTS.get(name)
    if outcome is not None:
        PAYMENTS_TOTAL.labels(outcome).inc()
        if outcome != "needs_review":
            STARS_TOTAL.labels(outcome).inc(value)
