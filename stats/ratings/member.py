"""A player as a member of a team: the figures that analysis compares."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stats.ratings.clutches import ClutchStats
from stats.ratings.levels import LEVELS_OF
from stats.ratings.maps import MapFigures
from stats.ratings.weapons import WeaponShares


@dataclass(frozen=True, slots=True)
class Member:
    """A player's figures at the time of an analysis; what is not known is None.

    The level stands in for an unknown ELO only where `game` is the one whose levels are known.
    `matches` are those behind rating, win rate and K/D.
    Units: `winrate` in percent. `recent_form` newest first. `maps` are his figures by map name.
    """

    player_id: str
    nickname: str
    game: str = LEVELS_OF
    elo: int | None = None
    skill_level: int | None = None
    matches: int | None = None
    rating: float | None = None
    rating_version: str | None = None
    winrate: float | None = None
    kd: float | None = None
    adr: float | None = None
    recent_form: str | None = None
    danger_level: int | None = None
    role: str | None = None
    weapons: WeaponShares | None = None
    clutches: ClutchStats | None = None
    maps: Mapping[str, MapFigures] = field(default_factory=dict)
