"""What bodies of FACEIT tell of single matches, as the columns of `PlayerMatch`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from faceitbot.core.errors import InvalidInput
from faceitbot.faceit import Figures, GameStats, MatchStats, Round
from stats.models.checks import ADR, RATING
from stats.models.matches import COUNTS
from stats.ratings import Rated, rate

Row = Mapping[str, Any]
DEFAULT_GAME = "cs2"  # of the oldest bodies that do not say


def rows_of_match(stats: MatchStats, finished_at: datetime | None) -> list[Row]:
    """Give a row for each player on each map of a match, but for those of whom nothing is told.

    Errors: `InvalidInput` with the path of a player whose figures cannot be.
    """
    return [
        row for number, part in enumerate(stats.rounds) for row in _rows_of_round(part, number, finished_at)
    ]


def rows_of_player(stats: GameStats, nickname: str) -> list[Row]:
    """Give a row for each map of which something is told; `nickname` is his where a row does not say.

    Errors: as `rows_of_match`.
    """
    return [
        {
            "player_id": played.player_id,
            "match_id": played.match_id,
            "match_round": max(played.match_round, 1),
            "nickname": played.nickname or nickname,
            "game": played.game or DEFAULT_GAME,
            "map_name": played.map,
            "finished_at": played.finished_at,
            **_told(played.figures, played.rounds, f"items[{number}].stats"),
        }
        for number, played in enumerate(stats.matches)
        if _tell_something(played.figures)
    ]


def _rows_of_round(part: Round, number: int, finished_at: datetime | None) -> Iterator[Row]:
    for side, team in enumerate(part.teams):
        for place, player in enumerate(team.players):
            if not _tell_something(player.figures):
                continue  # he has not played, or nothing was counted
            path = f"rounds[{number}].teams[{side}].players[{place}].player_stats"
            told = _told(player.figures, part.rounds, path)
            yield {
                "player_id": player.player_id,
                "match_id": part.match_id,
                "match_round": max(part.match_round, 1),
                "nickname": player.nickname,
                "game": part.game or DEFAULT_GAME,
                "map_name": part.map,
                "finished_at": finished_at,
                **told,
                "won": team.won if told["won"] is None else told["won"],
            }


def _tell_something(figures: Figures) -> bool:
    return any(getattr(figures, name) is not None for name in figures.__struct_fields__)


def _told(figures: Figures, rounds: int | None, path: str) -> dict[str, Any]:
    counts = {name: getattr(figures, name, None) for name in COUNTS if name != "rounds"}
    rated = _rated(figures, rounds)
    for value, (lowest, highest) in ((figures.adr, ADR), (rated.rating, RATING)):
        if value is not None and not lowest <= value <= highest:
            raise InvalidInput(f"{path} tells what cannot be", field=path)
    return {
        "won": figures.won,
        "rounds": rounds,
        "adr": figures.adr,
        **counts,
        "rating": rated.rating,
        "rating_version": rated.version,
    }


def _rated(figures: Figures, rounds: int | None) -> Rated:
    return rate(
        figures.kills,
        figures.deaths,
        rounds,
        figures.double_kills,
        figures.triple_kills,
        figures.quadro_kills,
        figures.penta_kills,
    )
