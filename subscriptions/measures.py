"""Decisions about requests as metrics."""

from functools import partial

from django.db import transaction
from prometheus_client import Counter

from subscriptions.allowance import RequestAllowance

ADMITTED = "admitted"
DECISIONS = Counter(
    "faceitbot_limit_decisions", "Requests that were admitted, and those that were not, by why.", ["decision"]
)
for _decision in (ADMITTED, "limit", "blocked"):
    DECISIONS.labels(_decision)


def note_decision(allowance: RequestAllowance) -> RequestAllowance:
    """Count a decision once it has been committed; give it back."""
    decision = ADMITTED if allowance.allowed else str(allowance.limits["reason"])
    transaction.on_commit(partial(DECISIONS.labels(decision).inc))
    return allowance
