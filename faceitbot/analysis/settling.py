"""What is known of a match's players and of its prediction hears of its end."""

from datetime import datetime
from typing import Any

from matches.models import MatchStatus
from matches.signals import match_ended
from stats.repositories import StatsRepository


def settle(
    *,
    match_id: str,
    status: MatchStatus,
    winner: str | None,
    finished_at: datetime | None,
    now: datetime | None,
    **_: Any,
) -> None:
    """Score what was foretold of a match that is over, or close it until its winner is known.

    What its players did was played then.
    """
    stats = StatsRepository()
    if status == MatchStatus.FINISHED and winner is None:
        stats.close_prediction.blocking(match_id, finished_at, now)
    else:
        stats.settle_prediction.blocking(match_id, winner, finished_at, now)
    if finished_at is not None:
        stats.record_match_end.blocking(match_id, finished_at)


def connect() -> None:
    """Hear of matches that have ended."""
    match_ended.connect(settle, dispatch_uid="faceitbot.analysis.settle")
