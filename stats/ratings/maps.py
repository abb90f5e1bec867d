"""How a player does on each map."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypedDict

from stats.ratings.averaging import averages
from stats.ratings.played import PlayedMatch


class MapFigures(TypedDict):
    """A player's averages on one map; what is not known is None."""

    matches: int
    winrate: float | None
    avg_rating: float | None
    rating_version: str | None
    avg_kd: float | None
    avg_adr: float | None


def map_performance(matches: Iterable[PlayedMatch]) -> dict[str, MapFigures]:
    """Give the averages on each map that is known by name, in the order of the names.

    Units: win rate in percent; all with two decimals.
    Source: `averages`, over the matches of the map.
    """
    by_map: dict[str, list[PlayedMatch]] = defaultdict(list)
    for match in matches:
        if match.map_name is not None:
            by_map[match.map_name].append(match)
    return {name: _figures(by_map[name]) for name in sorted(by_map)}


def _figures(played: list[PlayedMatch]) -> MapFigures:
    figures = averages(played)
    return {
        "matches": figures["matches"],
        "winrate": figures["winrate"],
        "avg_rating": figures["avg_rating"],
        "rating_version": figures["rating_version"],
        "avg_kd": figures["avg_kd"],
        "avg_adr": figures["avg_adr"],
    }
