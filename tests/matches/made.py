"""Small bodies of our own making."""

from typing import Any


def match_body(match_id: str = "1-match", status: str = "FINISHED", **more: Any) -> dict[str, Any]:
    """Give a match as `/matches/{id}` gives it, with what tests ask for."""
    body: dict[str, Any] = {
        "match_id": match_id,
        "game": "cs2",
        "region": "EU",
        "competition_name": "Europe 5v5",
        "status": status,
        "teams": {
            f"faction{side}": {
                "faction_id": f"team-{side}",
                "name": f"team_{side}",
                "roster": [
                    {"player_id": f"p{side}{seat}", "nickname": f"player{side}{seat}", "game_skill_level": 9}
                    for seat in range(5)
                ],
            }
            for side in (1, 2)
        },
        "voting": {
            "map": {"entities": [{"guid": "7", "class_name": "de_nuke", "name": "Nuke"}], "pick": ["7"]}
        },
        "configured_at": 1_771_965_140,
        "started_at": 1_771_965_597,
    }
    if status == "FINISHED":
        body |= {
            "finished_at": 1_771_968_208,
            "results": {"winner": "faction1", "score": {"faction1": 13, "faction2": 10}},
        }
    return {**body, **more}


def analysis_data(**info: Any) -> dict[str, Any]:
    """Give what an analysis of a match holds."""
    return {
        "match_info": {
            "game": "cs2",
            "region": "EU",
            "map": "Mirage",
            "status": "ONGOING",
            "competition_name": "Europe 5v5",
            "started_at": "2026-03-01T18:00:00Z",
            "best_of": 1,
            **info,
        },
        "team1_analysis": {"name": "Foxes", "players": [{"nickname": "ace", "rating": 1.21}]},
        "team2_analysis": {"name": "Owls", "players": []},
        "prediction": {"team1": 0.64},
        "recommendations": [{"kind": "ban", "map": "de_nuke"}],
        "match_url": "https://www.faceit.com/{lang}/cs2/room/1-match",
        "cached_data_used": True,
    }
