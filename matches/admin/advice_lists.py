"""Advice to each team, with the numbers that it came from."""

from collections.abc import Mapping
from typing import Any

from faceitbot.core.display import EMPTY
from faceitbot.faceit.words import text_of
from matches.admin.analysis_shapes import SIDES
from matches.admin.figures import because, thresholds
from matches.admin.reading_json import mapping, rows, text
from matches.admin.rosters import page_of

Data = Mapping[str, Any]
_COLOURS = {
    "dangerous_player": "danger",
    "ban_map": "danger",
    "weak_target": "success",
    "pick_map": "success",
}


def advice_lists(names: tuple[str, str], recommendations: Data) -> list[tuple[str, list[dict[str, str]]]]:
    """Give the advice to each team; none where a bot has given none to either."""
    told = [rows(recommendations.get(side)) for side in SIDES]
    if not any(told):
        return []
    return [(name, [_piece(each) for each in pieces]) for name, pieces in zip(names, told, strict=True)]


def _piece(advice: Data) -> dict[str, str]:
    kind, facts = text(advice.get("kind")), mapping(advice.get("because"))
    player_id, name = text(advice.get("player_id")), text(advice.get("nickname"))
    return {
        "kind": text_of(kind) or EMPTY,
        "colour": _COLOURS.get(kind, "info"),
        "who": name or player_id,
        "page": page_of(player_id),
        "map": text(advice.get("map")),
        "because": because(facts),
        "thresholds": thresholds(facts),
    }
