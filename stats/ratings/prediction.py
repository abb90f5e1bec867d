"""Who wins: the Elo expectation on the averages of two teams, and nothing fitted to anything.

FACEIT makes matches of equal teams, so most predictions are close to a coin flip, and say so: on 5 000
recorded matches the expectation was no better than one. The inputs stand beside each probability.
"""

from collections.abc import Sequence
from math import pow as power
from typing import TypedDict

from stats.ratings.arithmetic import mean, rounded
from stats.ratings.levels import LEVELS_OF, Elo, elo_or_estimate
from stats.ratings.member import Member

# Source: Elo's logistic curve; 400 points are odds of ten to one.
SCALE = 400
BASE = 10

# Source: the product's own words for a probability; heuristics.
EVEN, SLIGHT, CLEAR = "even", "slight", "clear"
SLIGHT_FROM, CLEAR_FROM = 0.55, 0.65

FEWEST_KNOWN = 3
TOO_FEW_KNOWN = "too_few_known_elos"


class TeamElo(TypedDict):
    """A team's average ELO, and of how many players: known, estimated by their level, and left out."""

    average_elo: float | None
    known: int
    estimated: int
    unknown: int


class Inputs(TypedDict):
    """What a prediction was made from; the difference is team 1 less team 2."""

    team1: TeamElo
    team2: TeamElo
    elo_difference: float | None


class Prediction(TypedDict):
    """The chances of both teams, which add up to 1; all None where there is a `reason` for none."""

    team1_probability: float | None
    team2_probability: float | None
    favourite: str | None
    confidence: str | None
    reason: str | None
    inputs: Inputs


def expected_score(elo: float, other_elo: float) -> float:
    """Give the probability that the first wins; both directions add up to exactly 1.

    Source: Elo's expectation 1 / (1 + 10^(-d/400)). The weaker side gets what the stronger one leaves, which
    keeps the sum exact and the power small.
    """
    difference = elo - other_elo
    stronger = 1 / (1 + power(BASE, -abs(difference) / SCALE))
    return stronger if difference >= 0 else 1 - stronger


def confidence(probability: float) -> str:
    """Give "even" below 55 % for the likelier side, "slight" below 65 %, else "clear"."""
    likelier = max(probability, 1 - probability)
    if likelier < SLIGHT_FROM:
        return EVEN
    return SLIGHT if likelier < CLEAR_FROM else CLEAR


def team_elo(members: Sequence[Member]) -> TeamElo:
    """Give the average ELO of a team; who has none counts with the middle of his level, else not at all.

    Only the levels of CS2 are known: in another game, whoever has no ELO does not count.
    """
    elos = [_elo(member) for member in members]
    return {
        "average_elo": mean(elo.value for elo in elos),
        "known": sum(elo.value is not None and not elo.estimated for elo in elos),
        "estimated": sum(elo.estimated for elo in elos),
        "unknown": sum(elo.value is None for elo in elos),
    }


def predict(team1: Sequence[Member], team2: Sequence[Member]) -> Prediction:
    """Give the chances of two teams with what they were computed from.

    With fewer than three known ELOs on a side there is no prediction but a reason.
    Shape: see `Prediction`; `favourite` is "team1", "team2" or, where the chances are even, None.
    """
    first, second = team_elo(team1), team_elo(team2)
    elo, other_elo = first["average_elo"], second["average_elo"]
    if elo is None or other_elo is None or min(first["known"], second["known"]) < FEWEST_KNOWN:
        return _none_for(TOO_FEW_KNOWN, first, second)
    probability = expected_score(elo, other_elo)
    sure = confidence(probability)
    leader = "team1" if elo > other_elo else "team2"
    return {
        "team1_probability": probability,
        "team2_probability": 1 - probability,
        "favourite": None if sure == EVEN else leader,
        "confidence": sure,
        "reason": None,
        "inputs": _inputs(first, second, elo - other_elo),
    }


def _elo(member: Member) -> Elo:
    return elo_or_estimate(member.elo, member.skill_level if member.game == LEVELS_OF else None)


def _none_for(reason: str, first: TeamElo, second: TeamElo) -> Prediction:
    return {
        "team1_probability": None,
        "team2_probability": None,
        "favourite": None,
        "confidence": None,
        "reason": reason,
        "inputs": _inputs(first, second, None),
    }


def _inputs(first: TeamElo, second: TeamElo, difference: float | None) -> Inputs:
    return {"team1": _shown(first), "team2": _shown(second), "elo_difference": rounded(difference)}


def _shown(team: TeamElo) -> TeamElo:
    return {**team, "average_elo": rounded(team["average_elo"])}
