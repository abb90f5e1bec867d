"""Decisions about requests as metrics."""

from collections import Counter as Numbers
from collections.abc import Iterable
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
    transaction.on_commit(partial(DECISIONS.labels(_decision_of(allowance)).inc))
    return allowance


def count_decisions(allowances: Iterable[RequestAllowance]) -> None:
    """Count decisions that have been committed."""
    for decision, number in Numbers(map(_decision_of, allowances)).items():
        DECISIONS.labels(decision).inc(number)


def _decision_of(allowance: RequestAllowance) -> str:
    return ADMITTED if allowance.allowed else str(allowance.limits["reason"])
