"""Which weapons a player kills with, as far as FACEIT tells them apart."""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from stats.ratings.arithmetic import percent, sums
from stats.ratings.played import PlayedMatch


class WeaponShares(TypedDict):
    """Percentages of all kills; the rest is rifles and whatever else FACEIT does not count.

    `kills` are those that the share of sniper kills is of.
    """

    kills: int | None

    sniper: float | None
    pistol: float | None
    knife: float | None
    zeus: float | None


def weapon_shares(matches: Sequence[PlayedMatch]) -> WeaponShares:
    """Give the shares of sniper, pistol, knife and zeus kills in percent of all kills.

    None where no match tells that weapon, or none had a kill.
    Source: sums over the matches that tell both the weapon's kills and all kills.
    """
    snipes, kills = sums((match.sniper_kills, match.kills) for match in matches)
    return {
        "kills": kills,
        "sniper": percent(snipes, kills),
        "pistol": _share((match.pistol_kills, match.kills) for match in matches),
        "knife": _share((match.knife_kills, match.kills) for match in matches),
        "zeus": _share((match.zeus_kills, match.kills) for match in matches),
    }


def _share(counted: Iterable[tuple[int | None, int | None]]) -> float | None:
    return percent(*sums(counted))
