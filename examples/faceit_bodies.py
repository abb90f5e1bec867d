"""Bodies of FACEIT of our own making, about invented people who really played.

What one match, one player or one list would be answered with, as dicts, in the places and units that FACEIT
uses; `examples/faceit_statistics.py` makes the statistics. Bodies about the same match agree with each other.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from examples.faceit_play import MAPS, Person, PlayedMatch, Side

Json = dict[str, Any]


def player(person: Person, game: str = "cs2") -> Json:
    """Give the body of `/players/{player_id}`."""
    return {
        "player_id": person.player_id,
        "nickname": person.nickname,
        "avatar": "",
        "country": person.country,
        "platforms": {"steam": "STEAM_1:1:1"},
        "games": {
            game: {
                "region": "EU",
                "game_player_id": person.steam_id,
                "skill_level": person.level,
                "faceit_elo": person.elo,
                "game_player_name": person.nickname,
                "skill_level_label": "",
                "regions": {},
                "game_profile_id": "",
            }
        },
        "settings": {"language": "en"},
        "friends_ids": [],
        "steam_id_64": person.steam_id,
        "steam_nickname": person.nickname,
        "memberships": ["free"],
        "faceit_url": f"https://www.faceit.com/{{lang}}/players/{person.nickname}",
        "infractions": {},
        "verified": False,
        "activated_at": "2021-05-15T13:29:43.243Z",
    }


def match(played: PlayedMatch, status: str = "FINISHED") -> Json:
    """Give the body of `/matches/{match_id}`; before it is over it says less."""
    body = {
        "match_id": played.match_id,
        "version": 2,
        "game": played.game,
        "region": "EU",
        "competition_id": None,
        "competition_type": "matchmaking",
        "competition_name": "Europe 5v5 Queue",
        "organizer_id": "faceit",
        "teams": {f"faction{number}": _roster(side) for number, side in enumerate(played.sides, 1)},
        "calculate_elo": True,
        "configured_at": _seconds(played.started_at - timedelta(minutes=5)),
        "chat_room_id": f"match-{played.match_id}",
        "best_of": played.best_of,
        "status": status,
        "faceit_url": _room(played),
    }
    if status != "VOTING":
        body["voting"] = _voting(played)
    if status in {"ONGOING", "FINISHED"}:
        body["started_at"] = _seconds(played.started_at)
    if status == "FINISHED":
        body |= {
            "finished_at": _seconds(played.finished_at),
            "results": _results(played),
            "demo_url": [f"https://example.com/{played.match_id}-1-1.dem.zst"],
        }
    return body


def walk_over(played: PlayedMatch) -> Json:
    """Give the body of a match whose second team had no opponent to be."""
    body = match(played)
    body["teams"]["faction2"] = {
        "faction_id": "bye",
        "leader": "",
        "avatar": "",
        "roster": [],
        "name": "bye",
        "type": "",
    }
    body["results"] = {"winner": "faction1", "score": {"faction1": 1, "faction2": 0}}
    del body["voting"], body["started_at"]
    return body


def history(matches: Sequence[PlayedMatch]) -> Json:
    """Give the body of `/players/{player_id}/history`, of matches in any order."""
    newest_first = sorted(matches, key=lambda played: played.finished_at, reverse=True)
    return {
        "items": [_history_item(played) for played in newest_first],
        "start": 0,
        "end": len(matches),
        "from": 0,
        "to": _seconds(newest_first[0].finished_at) if matches else 0,
    }


def hub_matches(matches: Sequence[PlayedMatch]) -> Json:
    """Give the body of `/hubs/{hub_id}/matches`."""
    return {"items": [match(played) for played in matches], "start": 0, "end": 20}


def bans(person: Person, starts_at: datetime, days: int = 7) -> Json:
    """Give the body of `/players/{player_id}/bans`, with one ban."""
    ban = {
        "nickname": person.nickname,
        "type": "game",
        "reason": "verbal abuse",
        "game": "cs2",
        "starts_at": _iso(starts_at),
        "ends_at": _iso(starts_at + timedelta(days=days)),
        "user_id": person.player_id,
    }
    return {"items": [ban], "start": 0, "end": 20}


def search(people: Sequence[Person]) -> Json:
    """Give the body of `/search/players`."""
    items = [
        {
            "player_id": person.player_id,
            "nickname": person.nickname,
            "status": "",
            "games": [{"name": "cs2", "skill_level": str(person.level)}],
            "country": person.country.upper(),
            "verified": False,
            "avatar": "",
        }
        for person in people
    ]
    return {"items": items, "start": 0, "end": 20}


def ranking(people: Sequence[Person]) -> Json:
    """Give the body of `/rankings/games/{game_id}/regions/{region}`, best first."""
    best_first = sorted(people, key=lambda person: person.elo, reverse=True)
    items = [
        {
            "player_id": person.player_id,
            "nickname": person.nickname,
            "country": person.country,
            "position": position,
            "faceit_elo": person.elo,
            "game_skill_level": person.level,
        }
        for position, person in enumerate(best_first, 1)
    ]
    return {"items": items, "start": 0, "end": 20}


def webhook(played: PlayedMatch, event: str = "match_status_finished") -> Json:
    """Give what FACEIT sends to a webhook: ISO times, and no score."""
    teams = [
        {
            "id": side.team_id,
            "name": side.name,
            "type": "",
            "avatar": "",
            "leader_id": side.people[0].player_id,
            "co_leader_id": "",
            "roster": [
                {
                    "id": person.player_id,
                    "nickname": person.nickname,
                    "avatar": "",
                    "game_id": person.steam_id,
                    "game_name": person.nickname,
                    "game_skill_level": person.level,
                    "membership": "free",
                    "anticheat_required": True,
                }
                for person in side.people
            ],
            "substitutions": 0,
            "substitutes": None,
        }
        for side in played.sides
    ]
    return {
        "transaction_id": f"t-{played.match_id}",
        "event": event,
        "event_id": f"e-{played.match_id}",
        "third_party_id": "faceitbot",
        "app_id": "faceitbot",
        "timestamp": _iso(played.finished_at),
        "retry_count": 0,
        "version": 1,
        "payload": {
            "id": played.match_id,
            "organizer_id": "faceit",
            "region": "EU",
            "game": played.game,
            "version": 2,
            "entity": {"type": "matchmaking", "id": "queue", "name": "Europe 5v5 Queue"},
            "teams": teams,
            "created_at": _iso(played.started_at - timedelta(minutes=5)),
            "updated_at": _iso(played.finished_at),
            "started_at": _iso(played.started_at),
            "finished_at": _iso(played.finished_at),
        },
    }


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _room(played: PlayedMatch) -> str:
    return f"https://www.faceit.com/{{lang}}/{played.game}/room/{played.match_id}"


def _roster(side: Side) -> Json:
    return {
        "faction_id": side.team_id,
        "leader": side.people[0].player_id,
        "avatar": "",
        "roster": [
            {
                "player_id": person.player_id,
                "nickname": person.nickname,
                "avatar": "",
                "membership": "free",
                "game_player_id": person.steam_id,
                "game_player_name": person.nickname,
                "game_skill_level": person.level,
                "anticheat_required": True,
            }
            for person in side.people
        ],
        "substituted": False,
        "name": side.name,
        "type": "",
    }


def _results(played: PlayedMatch) -> Json:
    first, second = played.score
    return {"winner": f"faction{played.winner + 1}", "score": {"faction1": first, "faction2": second}}


def _voting(played: PlayedMatch) -> Json:
    entities = [
        {"class_name": name, "game_map_id": name, "guid": name, "name": name.removeprefix("de_").title()}
        for name in MAPS
    ]
    return {
        "voted_entity_types": ["map"],
        "map": {"entities": entities, "pick": [part.name for part in played.maps]},
    }


def _history_item(played: PlayedMatch) -> Json:
    teams = {
        f"faction{number}": {
            "team_id": side.team_id,
            "nickname": side.name,
            "avatar": "",
            "type": "",
            "players": [
                {
                    "player_id": person.player_id,
                    "nickname": person.nickname,
                    "avatar": "",
                    "skill_level": person.level,
                    "game_player_id": person.steam_id,
                    "game_player_name": person.nickname,
                    "faceit_url": f"https://www.faceit.com/{{lang}}/players/{person.nickname}",
                }
                for person in side.people
            ],
        }
        for number, side in enumerate(played.sides, 1)
    }
    return {
        "match_id": played.match_id,
        "game_id": played.game,
        "region": "EU",
        "match_type": "",
        "game_mode": "5v5",
        "max_players": 10,
        "teams_size": 5,
        "teams": teams,
        "playing_players": [person.player_id for side in played.sides for person in side.people],
        "competition_id": "queue",
        "competition_name": "Europe 5v5 Queue",
        "competition_type": "matchmaking",
        "organizer_id": "faceit",
        "status": "finished",
        "started_at": _seconds(played.started_at),
        "finished_at": _seconds(played.finished_at),
        "results": _results(played),
        "faceit_url": _room(played),
    }
