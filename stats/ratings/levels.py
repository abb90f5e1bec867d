"""FACEIT's CS2 skill levels and the ELO that they stand for: a fallback where a body lacks one of them."""

from bisect import bisect_left
from typing import NamedTuple

# The game whose levels these are; those of csgo end elsewhere.
LEVELS_OF = "cs2"
# The highest ELO of levels 1 to 9; level 10 is open.
# Source: FACEIT's table of CS2 skill levels, 1: 100-500 to 9: 1751-2000, 10: 2001 and above.
LEVEL_TOPS = (500, 750, 900, 1050, 1200, 1350, 1530, 1750, 2000)
LOWEST_ELO = 100
LOWEST_LEVEL, HIGHEST_LEVEL = 1, len(LEVEL_TOPS) + 1
# Source: an assumption, so that level 10 has a middle: most of its players are in its first 500 points.
ASSUMED_TOP = 2500


class Elo(NamedTuple):
    """An ELO, and whether it is only the middle of the player's level."""

    value: float | None
    estimated: bool


def level_for_elo(elo: float | None) -> int | None:
    """Give the CS2 level of an ELO, None without one; prefer the level that a body gives."""
    return None if elo is None else bisect_left(LEVEL_TOPS, elo) + 1


def elo_range(level: int) -> tuple[int, int]:
    """Give the lowest and highest ELO of a CS2 level; that of level 10 is assumed to be 2500.

    Errors: `ValueError` for a level outside of 1 to 10.
    """
    if not LOWEST_LEVEL <= level <= HIGHEST_LEVEL:
        raise ValueError(f"a level is from {LOWEST_LEVEL} to {HIGHEST_LEVEL}, not {level}")
    tops = (LOWEST_ELO - 1, *LEVEL_TOPS, ASSUMED_TOP)
    return tops[level - 1] + 1, tops[level]


def middle_of_level(level: int) -> float:
    """Give the middle of a CS2 level's range of ELO."""
    lowest, highest = elo_range(level)
    return (lowest + highest) / 2


def elo_or_estimate(elo: float | None, level: int | None) -> Elo:
    """Give the ELO, or else the middle of the player's level, marked as estimated.

    Without either it is None. A level of 0, which FACEIT gives to players without a rank, tells nothing.
    """
    if elo is None and level is not None and LOWEST_LEVEL <= level <= HIGHEST_LEVEL:
        return Elo(middle_of_level(level), estimated=True)
    return Elo(elo, estimated=False)
