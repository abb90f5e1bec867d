"""An analysis as a short message that needs no language: names, numbers and signs.

    Alpha 54 % : 46 % Bravo
    ⚠️ raven3 1.31, frost0 1.22
    🎯 orbit8 ~0.81
    ✅ de_nuke 62 % : 45 %
    ⛔ de_train 41 % : 58 %

A match that is over begins with 🏁 and its score, where there is one.
Advice is for the reader's own team, or for the first one where he plays in neither. A rating that is only
estimated has a `~`.
"""

from collections.abc import Mapping
from typing import Any

from examples.faceit_api import OVER

SIGNS = {"dangerous_player": "⚠️", "weak_target": "🎯", "pick_map": "✅", "ban_map": "⛔"}
OVER_SIGN = "🏁"
MOST_MAPS = 3
LONGEST = 4096  # Source: Telegram Bot API, sendMessage
Data = Mapping[str, Any]


def worded(analysis: Data, reader: str | None) -> str:
    """Give the message about what `build_analysis` has given; `reader` is a FACEIT id."""
    own = "team2" if reader in _ids(analysis["team2_analysis"]) else "team1"
    advice = analysis["recommendations"][own]
    lines = [*_end(analysis["match_info"]), _chances(analysis)]
    for kind in ("dangerous_player", "weak_target"):
        players = [_player(each) for each in advice if each["kind"] == kind]
        if players:
            lines.append(f"{SIGNS[kind]} {', '.join(players)}")
    for kind in ("pick_map", "ban_map"):
        maps = [each for each in advice if each["kind"] == kind]
        lines += [f"{SIGNS[kind]} {_map(each, own)}" for each in maps[:MOST_MAPS]]
    return "\n".join(lines)[:LONGEST]


def _end(match: Data) -> list[str]:
    if match["status"].lower() not in OVER:
        return []
    score = match["score"]
    if None in score.values():
        return [OVER_SIGN]
    return [f"{OVER_SIGN} {score['team1']} : {score['team2']}"]


def _ids(team: Data) -> set[Any]:
    return {player["player_id"] for player in team["players"]}


def _chances(analysis: Data) -> str:
    first, second = (analysis[name]["name"] or "?" for name in ("team1_analysis", "team2_analysis"))
    chance = analysis["prediction"]["team1_probability"]
    if chance is None:
        return f"{first} : {second}"
    percent = round(100 * chance)
    return f"{first} {percent} % : {100 - percent} % {second}"


def _player(advice: Data) -> str:
    because = advice["because"]
    if because["rating"] is None:
        return str(advice["nickname"])
    about = "" if because["rating_version"] == "1.0" else "~"
    return f"{advice['nickname']} {about}{because['rating']:.2f}"


def _map(advice: Data, own: str) -> str:
    """Give both win rates in the order of the teams, as the chances stand above."""
    rates = [advice["because"][f"{name}_winrate"] for name in ("own", "other")]
    first, second = rates if own == "team1" else reversed(rates)
    return f"{advice['map']} {first:.0f} % : {second:.0f} %"
