"""Predictions are scored when their matches end."""

from typing import Any

from matches.signals import match_ended
from stats.repositories import StatsRepository


def settle(*, match_id: str, winner: str | None, **_: Any) -> None:
    """Note who has won a match, in the transaction that has learnt it."""
    StatsRepository().settle_prediction.blocking(match_id, winner)


def connect() -> None:
    """Hear of matches that have ended."""
    match_ended.connect(settle, dispatch_uid="faceitbot.analysis.settle")
