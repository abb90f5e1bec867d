"""What lifetime statistics say of a player, in the form in which his card keeps it.

It stays in a column of its own (`PlayerStatsCache.lifetime`), so that figures made anew from later matches do
not lose it, and nobody else writes it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from faceitbot.faceit import LifetimeStats
from faceitbot.faceit import MapFigures as MapSegment
from stats.ratings import Lifetime, PlayedMatch, Rated, kd_ratio, rate
from stats.ratings.arithmetic import rounded

LIFETIME = "lifetime"
_EXTENDED = (
    "entry_count",
    "entry_wins",
    "flash_count",
    "utility_count",
    "one_v_one_count",
    "one_v_one_wins",
    "one_v_two_count",
    "one_v_two_wins",
    "sniper_kills",
)


def kept(stats: LifetimeStats) -> dict[str, Any]:
    """Give what a card keeps of lifetime statistics, as plain JSON.

    Source: lifetime holds no kills, deaths and rounds over all matches, so K/D and rating are of the sums
    over the map segments; ADR and the extended counts are of the matches that have them.
    """
    figures, maps = stats.figures, [part.figures for part in stats.maps()]
    kills, deaths, rounds = (_sum(maps, name) for name in ("kills", "deaths", "rounds"))
    triple, quadro, penta = (_sum(maps, name) for name in ("triple_kills", "quadro_kills", "penta_kills"))
    rated = rate(kills, deaths, rounds, None, triple, quadro, penta)
    kd = kd_ratio(kills, deaths)
    extended = {name: getattr(figures, name) for name in _EXTENDED}
    return {
        "matches": figures.matches,
        "wins": figures.wins,
        "winrate": figures.win_rate,
        "kd": rounded(figures.average_kd if kd is None else kd),
        "adr": figures.adr,
        "rating": rated.rating,
        "rating_version": rated.version,
        "recent_form": stats.recent_form,
        "headshots_percent": figures.average_headshots_percent,
        "longest_win_streak": figures.longest_win_streak,
        "played": {
            "rounds": figures.extended_rounds,
            "kills": figures.extended_kills,
            **extended,
        },
        "maps": {part.map: _map(part.figures) for part in stats.maps()},
    }


def lifetime_of(stored: Mapping[str, Any]) -> Lifetime:
    """Give what a card has kept as the ratings take it; nothing where it has kept none."""
    if not stored:
        return Lifetime()
    played = PlayedMatch(**stored["played"])
    return Lifetime(
        matches=stored["matches"],
        winrate=stored["winrate"],
        kd=stored["kd"],
        adr=stored["adr"],
        rated=Rated(stored["rating"], stored["rating_version"]),
        recent_form=stored["recent_form"] or None,
        played=None if asdict(played) == asdict(PlayedMatch()) else played,
    )


def _map(figures: MapSegment) -> dict[str, Any]:
    rated = rate(
        figures.kills,
        figures.deaths,
        figures.rounds,
        None,
        figures.triple_kills,
        figures.quadro_kills,
        figures.penta_kills,
    )
    kd = kd_ratio(figures.kills, figures.deaths)
    return {
        "matches": figures.matches,
        "winrate": figures.win_rate,
        "avg_rating": rounded(rated.rating),
        "avg_kd": rounded(figures.average_kd if kd is None else kd),
        "avg_adr": figures.adr,
        "rating_version": rated.version,
        "source": LIFETIME,
    }


def _sum(maps: list[MapSegment], name: str) -> int | None:
    """Give a sum over all maps, None when one of them does not say."""
    values = [getattr(each, name) for each in maps]
    return sum(values) if values and None not in values else None
