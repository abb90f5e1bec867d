"""Two teams side by side: their averages, how strong they are on each map, and who is likely to win."""

from collections.abc import Sequence
from math import sqrt
from typing import TypedDict

from stats.ratings.arithmetic import mean, rounded, weighted_mean
from stats.ratings.maps import MapFigures
from stats.ratings.member import Member
from stats.ratings.prediction import Prediction, TeamElo, predict, team_elo
from stats.ratings.rating import version_of_mean


class TeamAverages(TypedDict):
    """Means over the members that have the figure; `elo` says of how many and how many are estimated.

    `rating_version` is that of an estimate if one of the ratings is estimated.
    """

    players: int
    elo: TeamElo
    skill_level: float | None
    rating: float | None
    rating_version: str | None
    winrate: float | None
    kd: float | None
    adr: float | None
    danger_level: float | None


class MapStrength(TypedDict):
    """A team's figures on a map, over the matches of its members.

    Each member's match counts, so one that `players` of them played together is in `matches` as often.
    """

    players: int
    matches: int
    winrate: float | None
    avg_rating: float | None
    rating_version: str | None
    avg_kd: float | None
    avg_adr: float | None


class MapComparison(TypedDict):
    """Both teams' win rates on a map, team 1 less team 2, and the standard error of that difference."""

    team1_winrate: float
    team1_matches: int
    team1_players: int
    team2_winrate: float
    team2_matches: int
    team2_players: int
    difference: float
    standard_error: float


class Side(TypedDict):
    """One team of a comparison."""

    averages: TeamAverages
    maps: dict[str, MapStrength]


class Comparison(TypedDict):
    """Two teams side by side."""

    team1: Side
    team2: Side
    maps: dict[str, MapComparison]
    prediction: Prediction


def compare_teams(team1: Sequence[Member], team2: Sequence[Member]) -> Comparison:
    """Give both teams' averages and map strengths, the maps that both know, and the prediction.

    Shape: see `Comparison`. The order of the members does not matter.
    """
    side1, side2 = _side(team1), _side(team2)
    return {
        "team1": side1,
        "team2": side2,
        "maps": compare_maps(side1["maps"], side2["maps"]),
        "prediction": predict(team1, team2),
    }


def team_averages(members: Sequence[Member]) -> TeamAverages:
    """Give the averages of a team, with two decimals; what no member has is None.

    Source: plain means; each member plays the same match.
    """
    return {
        "players": len(members),
        "elo": team_elo(members),
        "skill_level": rounded(mean(member.skill_level for member in members)),
        "rating": rounded(mean(member.rating for member in members)),
        "rating_version": version_of_mean(
            member.rating_version for member in members if member.rating is not None
        ),
        "winrate": rounded(mean(member.winrate for member in members)),
        "kd": rounded(mean(member.kd for member in members)),
        "adr": rounded(mean(member.adr for member in members)),
        "danger_level": rounded(mean(member.danger_level for member in members)),
    }


def map_strengths(members: Sequence[Member]) -> dict[str, MapStrength]:
    """Give a team's figures on each map that a member has played, in the order of the names.

    Source: means weighted by each member's matches on the map.
    """
    names = sorted({name for member in members for name in member.maps})
    return {
        name: _strength([member.maps[name] for member in members if name in member.maps]) for name in names
    }


def compare_maps(team1: dict[str, MapStrength], team2: dict[str, MapStrength]) -> dict[str, MapComparison]:
    """Give the difference of win rates on each map that both teams have played.

    Units: percentages and points of them.
    Source: the standard error of a difference of two shares, sqrt(p1 q1 / n1 + p2 q2 / n2), each share with a
    win and a loss added, so that three wins of three are not taken for certainty. n is `distinct_matches`.
    """
    compared = {name: _compared(team1[name], team2[name]) for name in sorted(team1.keys() & team2.keys())}
    return {name: comparison for name, comparison in compared.items() if comparison is not None}


def distinct_matches(matches: int, players: int) -> float:
    """Give as how many matches those of team-mates count who may have played all of them together.

    Source: the largest variance of a mean over k players with n matches among them, that of results which are
    the same for all, is that of n / k matches (Cauchy and Schwarz, for any shares of the k in the n).
    """
    return matches / max(players, 1)


def _side(members: Sequence[Member]) -> Side:
    return {"averages": team_averages(members), "maps": map_strengths(members)}


def _strength(figures: Sequence[MapFigures]) -> MapStrength:
    return {
        "players": len(figures),
        "matches": sum(each.get("matches") or 0 for each in figures),
        "winrate": rounded(weighted_mean((each.get("winrate"), each.get("matches")) for each in figures)),
        "avg_rating": rounded(
            weighted_mean((each.get("avg_rating"), each.get("matches")) for each in figures)
        ),
        "rating_version": version_of_mean(
            each.get("rating_version")
            for each in figures
            if each.get("avg_rating") is not None and each.get("matches")
        ),
        "avg_kd": rounded(weighted_mean((each.get("avg_kd"), each.get("matches")) for each in figures)),
        "avg_adr": rounded(weighted_mean((each.get("avg_adr"), each.get("matches")) for each in figures)),
    }


def _compared(first: MapStrength, second: MapStrength) -> MapComparison | None:
    winrate, other_winrate = first["winrate"], second["winrate"]
    if winrate is None or other_winrate is None:
        return None
    variance = _variance(winrate, first) + _variance(other_winrate, second)
    return {
        "team1_winrate": winrate,
        "team1_matches": first["matches"],
        "team1_players": first["players"],
        "team2_winrate": other_winrate,
        "team2_matches": second["matches"],
        "team2_players": second["players"],
        "difference": round(winrate - other_winrate, 2),
        "standard_error": round(100 * sqrt(variance), 2),
    }


def _variance(winrate: float, strength: MapStrength) -> float:
    matches = distinct_matches(strength["matches"], strength["players"])
    share = (winrate / 100 * matches + 1) / (matches + 2)
    return share * (1 - share) / (matches + 2)
