"""The parts of an analysis: pure functions of a match's body and its players' figures."""

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from faceitbot.faceit import Match, Team
from faceitbot.faceit import Member as Player
from stats import ratings
from stats.ratings.teams import Side

_FIGURES = (
    "skill_level",
    "elo",
    "matches",
    "rating",
    "rating_version",
    "winrate",
    "kd",
    "adr",
    "recent_form",
    "danger_level",
    "role",
)


def match_info(match: Match) -> dict[str, Any]:
    """Give what a match is, with its moments as ISO text; a match over several maps has no `map`."""
    return {
        "game": match.game,
        "region": match.region,
        "map": match.map,
        "maps": list(match.maps),
        "best_of": match.best_of,
        "status": match.status_raw,
        "competition_name": match.competition_name,
        "competition_type": match.competition_type,
        "configured_at": _text(match.configured_at),
        "started_at": _text(match.started_at),
        "finished_at": _text(match.finished_at),
        "winner": match.winner,
        "score": {"team1": match.team1_score, "team2": match.team2_score},
    }


def map_pool(match: Match) -> Container[str] | None:
    """Give the maps that can still be advised about: those voted on, none once a map is picked.

    None where the body does not say what is voted on: any map then.
    """
    if match.maps:
        return ()
    return {entity.map for entity in match.map_voting.entities if entity.map} or None


def member_of_roster(player: Player, known: ratings.Member | None, game: str) -> ratings.Member:
    """Give a player's figures, with the nickname and level of the roster, which is newer than a card.

    Somebody of whom nothing is `known` has the level alone.
    """
    if known is None:
        return ratings.Member(player.player_id, player.nickname, game, skill_level=player.skill_level)
    return replace(known, nickname=player.nickname, skill_level=player.skill_level or known.skill_level)


def team_analysis(team: Team, members: Sequence[ratings.Member], side: Side) -> dict[str, Any]:
    """Give a team: its averages, its strength on each map, its players, whom to fear and whom to seek."""
    return {
        "team_id": team.team_id,
        "name": team.name,
        "averages": side["averages"],
        "maps": side["maps"],
        "players": [_player(member) for member in members],
        "dangerous_players": ratings.dangerous_players(members),
        "weak_targets": ratings.weak_targets(members),
    }


def _player(member: ratings.Member) -> dict[str, Any]:
    figures = {name: getattr(member, name) for name in _FIGURES}
    return {"player_id": member.player_id, "nickname": member.nickname, **figures}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
