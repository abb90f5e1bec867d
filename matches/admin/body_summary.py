"""A match in four words, out of the body that FACEIT gave of it."""

from typing import Any, NamedTuple

from faceitbot.core.display import EMPTY
from matches.admin.reading_json import mapping, rows, text
from matches.models import MatchStatus

FACTIONS = ("faction1", "faction2")


class Summary(NamedTuple):
    """What staff want to know of a match; what the body does not say is a dash."""

    teams: str
    score: str
    status: str
    maps: str


def summary_of(body: Any) -> Summary:
    """Give what a body says, as far as it can be read: an odd one must not hide its page."""
    match = mapping(body)
    teams, score = mapping(match.get("teams")), mapping(mapping(match.get("results")).get("score"))
    status = text(match.get("status"))
    known = status.lower() in MatchStatus.values
    return Summary(
        _both([text(mapping(teams.get(side)).get("name")) for side in FACTIONS]),
        _both([text(score.get(side)) for side in FACTIONS]),
        (str(MatchStatus(status.lower()).label) if known else status) or EMPTY,
        ", ".join(_picked(mapping(mapping(match.get("voting")).get("map")))) or EMPTY,
    )


def _both(sides: list[str]) -> str:
    return " : ".join(side or EMPTY for side in sides) if any(sides) else EMPTY


def _picked(voting: Any) -> list[str]:
    names = {
        text(entity.get("guid") or entity.get("game_map_id")): text(entity.get("class_name"))
        for entity in rows(voting.get("entities"))
    }
    pick = voting.get("pick")
    picked = [text(each) for each in pick] if isinstance(pick, list) else []
    return [names.get(each) or each for each in picked if each]
