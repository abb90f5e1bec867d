"""Form: the last results, newest first, as "W" and "L"."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypedDict

from stats.ratings.played import PlayedMatch

WIN, LOSS = "W", "L"
FORM_LENGTH = 10

GOOD, AVERAGE, POOR, UNKNOWN = "good", "average", "poor", "unknown"
# Source: shares of wins; a heuristic.
GOOD_FORM, AVERAGE_FORM = 0.6, 0.4


class Streaks(TypedDict):
    """The present streak, and the longest of wins and of losses; `current_kind` is "W", "L" or None."""

    current: int
    current_kind: str | None
    longest_win: int
    longest_loss: int


def results_text(results: Iterable[bool | None]) -> str:
    """Give results as one letter each, in the order given; unknown ones are left out."""
    return "".join(WIN if won else LOSS for won in results if won is not None)


def recent_form(matches: Sequence[PlayedMatch]) -> str:
    """Give the results of the matches as text such as "WWLWW", which come and are read newest first.

    At most ten letters; empty when no result is known.
    """
    return results_text(match.won for match in matches)[:FORM_LENGTH]


def form_trend(recent_form: str | None) -> str:
    """Give "good", "average" or "poor" by the share of wins, "unknown" without matches.

    Source: 60 % of wins are good, 40 % average; a heuristic.
    """
    if not recent_form:
        return UNKNOWN
    share = recent_form.count(WIN) / len(recent_form)
    if share >= GOOD_FORM:
        return GOOD
    return AVERAGE if share >= AVERAGE_FORM else POOR


def streaks(results: str) -> Streaks:
    """Give the streaks of a text of results, newest first; of any length."""
    runs = [(kind, len(list(run))) for kind, run in groupby(results)]
    current_kind, current = runs[0] if runs else (None, 0)
    return {
        "current": current,
        "current_kind": current_kind,
        "longest_win": max((length for kind, length in runs if kind == WIN), default=0),
        "longest_loss": max((length for kind, length in runs if kind == LOSS), default=0),
    }
