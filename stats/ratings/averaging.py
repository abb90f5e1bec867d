"""Averages over matches, each over the very matches that it is divided by."""

from collections.abc import Sequence
from typing import TypedDict

from stats.ratings.arithmetic import percent, rounded, sums, weighted_mean
from stats.ratings.played import PlayedMatch
from stats.ratings.rating import UNRATED, Rated, version_of_mean


class Averages(TypedDict):
    """Averages of some matches; what none of them says is None."""

    matches: int
    winrate: float | None
    avg_kd: float | None
    avg_adr: float | None
    avg_rating: float | None
    rating_version: str | None


def averages(matches: Sequence[PlayedMatch]) -> Averages:
    """Give win rate, K/D, ADR and rating of the matches, as they are shown.

    Shape: see `Averages`. Units: win rate in percent, all with two decimals.
    """
    rating, version = average_rating(matches)
    return {
        "matches": len(matches),
        "winrate": win_rate(matches),
        "avg_kd": rounded(kill_death_ratio(matches)),
        "avg_adr": rounded(average_adr(matches)),
        "avg_rating": rounded(rating),
        "rating_version": version,
    }


def kd_ratio(kills: int | None, deaths: int | None) -> float | None:
    """Give kills per death; without a death, the kills.

    Source: K/D = kills / max(deaths, 1), as FACEIT's own "K/D Ratio".
    """
    return None if kills is None or deaths is None else kills / max(deaths, 1)


def kill_death_ratio(matches: Sequence[PlayedMatch]) -> float | None:
    """Give all kills per death of the matches that tell both, or None.

    Source: the ratio of the sums, in which a long match weighs more than a short one.
    """
    return kd_ratio(*sums((match.kills, match.deaths) for match in matches))


def win_rate(matches: Sequence[PlayedMatch]) -> float | None:
    """Give the percentage of wins among the matches whose result is known, or None.

    Source: 100 x won / (won + lost).
    """
    results = [match.won for match in matches if match.won is not None]
    return percent(sum(results), len(results))


def average_adr(matches: Sequence[PlayedMatch]) -> float | None:
    """Give the damage per round over the matches that tell ADR and rounds, or None.

    Source: ADR is damage / rounds, so the mean is weighted by rounds.
    """
    return weighted_mean((match.adr, match.rounds) for match in matches)


def average_rating(matches: Sequence[PlayedMatch]) -> Rated:
    """Give the mean rating over the matches that have one; it is an estimate if one of them is.

    Source: weighted by rounds, which for exact ratings is the rating of the matches' sums.
    """
    rated = [(match.rated, match.rounds) for match in matches]
    rating = weighted_mean((each.rating, rounds) for each, rounds in rated)
    if rating is None:
        return UNRATED
    return Rated(rating, version_of_mean(each.version for each, _rounds in rated if each.rating is not None))
