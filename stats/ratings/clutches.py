"""Clutches: the rounds in which a player was left alone against one or two.

FACEIT counts them; they are never guessed from close scores.
"""

from collections.abc import Sequence
from typing import TypedDict

from stats.ratings.arithmetic import percent, sums
from stats.ratings.played import PlayedMatch

ClutchStats = TypedDict(
    "ClutchStats",
    {
        "1v1_count": int | None,
        "1v1_wins": int | None,
        "1v1_rate": float | None,
        "1v2_count": int | None,
        "1v2_wins": int | None,
        "1v2_rate": float | None,
    },
)


def clutch_stats(matches: Sequence[PlayedMatch]) -> ClutchStats:
    """Give how often the player was alone against one and two, how often he won it, and the rates.

    Units: rates in percent, None where it never happened; counts are None where no match tells them.
    Source: sums of FACEIT's 1v1Count, 1v1Wins, 1v2Count, 1v2Wins, over the matches that have both figures.
    """
    alone, alone_won = sums((match.one_v_one_count, match.one_v_one_wins) for match in matches)
    against_two, two_won = sums((match.one_v_two_count, match.one_v_two_wins) for match in matches)
    return {
        "1v1_count": alone,
        "1v1_wins": alone_won,
        "1v1_rate": percent(alone_won, alone),
        "1v2_count": against_two,
        "1v2_wins": two_won,
        "1v2_rate": percent(two_won, against_two),
    }
