"""How good predictions turned out to be."""

from collections.abc import Iterable
from math import fsum, log
from typing import TypedDict

# A prediction of exactly 0 or 1 that fails would cost infinitely much.
# Source: the usual clipping of the log-loss.
SMALLEST_PROBABILITY = 1e-15


class Quality(TypedDict):
    """Mean scores of some predictions; lower is better, and a coin flip scores 0.25 and 0.693."""

    count: int
    brier: float | None
    log_loss: float | None


def prediction_quality(outcomes: Iterable[tuple[float, bool]]) -> Quality:
    """Give the mean scores of (probability that team 1 wins, whether it won), None without any.

    Source: Brier score (p - won)²; log-loss -ln of the probability that was given to what happened.
    """
    scored = [(probability, float(won)) for probability, won in outcomes]
    if not scored:
        return {"count": 0, "brier": None, "log_loss": None}
    return {
        "count": len(scored),
        "brier": fsum((probability - won) ** 2 for probability, won in scored) / len(scored),
        "log_loss": fsum(_surprise(probability, won) for probability, won in scored) / len(scored),
    }


def _surprise(probability: float, won: float) -> float:
    happened = probability if won else 1 - probability
    return -log(max(happened, SMALLEST_PROBABILITY))
