"""The parts of an analysis that its page shows, and what else a bot has stored: for the generic tables.

Source: `faceitbot.analysis`.
"""

from collections.abc import Mapping
from typing import Any

from matches.admin.reading_json import (
    ANY,
    Shape,
    is_plain,
    is_plain_or_list,
    left_over,
    mapping,
    number,
    rows,
    text,
)
from matches.models import MatchAnalysis

PLAYER_FIGURES = ("skill_level", "elo", "rating", "kd", "adr", "winrate", "danger_level")
COUNTS = ("known", "estimated", "unknown")
TEAM_ELO = ("average_elo", *COUNTS)
SIDES = ("team1", "team2")


def probability(value: Any) -> float | None:
    """Give a probability, 0 to 1."""
    chance = number(value)
    return chance if chance is not None and 0 <= chance <= 1 else None


def is_marked(advice: Any, ids: frozenset[str]) -> bool:
    """Tell whether a piece of advice is about a player who has a row, so that it can mark him."""
    return text(mapping(advice).get("player_id")) in ids


def player_ids(team: Any) -> frozenset[str]:
    """Give the ids of the players who have a row."""
    ids = (text(player.get("player_id")) for player in rows(mapping(team).get("players")))
    return frozenset(each for each in ids if each)


def not_shown(row: MatchAnalysis) -> dict[str, Any]:
    """Give what the page shows nowhere else, by the part that it is in."""
    ids = player_ids(row.team1_analysis) | player_ids(row.team2_analysis)
    parts = {
        "team1": left_over(row.team1_analysis, _team(player_ids(row.team1_analysis))),
        "team2": left_over(row.team2_analysis, _team(player_ids(row.team2_analysis))),
        "prediction": left_over(row.prediction, _PREDICTION),
        "details": left_over(row.details, _details(ids)),
    }
    return {name: left for name, left in parts.items() if left is not None}


def _plain(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, is_plain)


def _is_chance(value: Any) -> bool:
    return probability(value) is not None


def _is_elo(value: Any) -> bool:
    return is_plain(value) or left_over(value, _plain(*TEAM_ELO)) is None


def _of_two_teams(shape: Shape) -> dict[str, Shape]:
    return dict.fromkeys(SIDES, shape)


_ADVICE = {**_plain("kind", "player_id", "nickname", "map"), "because": {ANY: is_plain_or_list}}
_STRENGTH = _plain("players", "matches", "winrate", "avg_rating", "rating_version", "avg_kd", "avg_adr")
_COMPARED = _plain(*(f"{side}_{name}" for side in SIDES for name in ("winrate", "matches", "players")))
_PREDICTION = {
    "team1_probability": _is_chance,
    "team2_probability": _is_chance,
    **_plain("favourite", "confidence", "reason"),
    "inputs": {**_of_two_teams(_plain(*TEAM_ELO)), "elo_difference": is_plain},
}
_PLAYER = _plain("player_id", "nickname", "matches", *PLAYER_FIGURES, "rating_version", "recent_form", "role")


def _team(ids: frozenset[str]) -> Shape:
    def marks(value: Any) -> bool:
        advice = rows(value)
        return bool(advice) and all(
            is_marked(each, ids) and left_over(each, _ADVICE) is None for each in advice
        )

    return {
        **_plain("team_id", "name"),
        "averages": {**_plain(*PLAYER_FIGURES, "players", "rating_version"), "elo": _is_elo},
        "maps": {ANY: _STRENGTH},
        "players": [_PLAYER],
        "dangerous_players": marks,
        "weak_targets": marks,
    }


def _details(ids: frozenset[str]) -> Mapping[str, Any]:
    def have_rows(value: Any) -> bool:
        return isinstance(value, list) and all(text(each) in ids for each in value)

    return {
        "match_info": {
            **_plain("best_of", "winner"),
            "maps": is_plain_or_list,
            "score": _plain(*SIDES),
        },
        "maps": {ANY: {**_COMPARED, **_plain("difference", "standard_error")}},
        "recommendations": _of_two_teams([_ADVICE]),
        "unknown_players": have_rows,
    }
