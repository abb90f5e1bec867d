"""What FACEIT counts of one player on one map.

There is no KAST and no rating among them. Bodies of csgo hold twelve figures, without damage and double
kills; those of CS2 hold 47. Of rates that follow from two counts only the counts are offered. None of them
needs to be there: who has left early may have nothing, and does not cost the others theirs.
"""

from typing import Annotated

from faceitbot.faceit.reading import Body
from faceitbot.faceit.values import Count, Figure, Flag, Percent


class Figures(Body, frozen=True, kw_only=True):
    """What rows of one player hold as well as the statistics of a match."""

    won: Annotated[Flag | None, "Result"] = None
    kills: Annotated[Count | None, "Kills"] = None
    deaths: Annotated[Count | None, "Deaths"] = None
    assists: Annotated[Count | None, "Assists"] = None
    mvps: Annotated[Count | None, "MVPs"] = None
    headshots: Annotated[Count | None, "Headshots"] = None
    headshots_percent: Annotated[Percent | None, "Headshots %"] = None
    kd_ratio: Annotated[Figure | None, "K/D Ratio"] = None
    kr_ratio: Annotated[Figure | None, "K/R Ratio"] = None
    adr: Annotated[Figure | None, "ADR"] = None
    damage: Annotated[Count | None, "Damage"] = None
    double_kills: Annotated[Count | None, "Double Kills"] = None  # rounds with exactly two
    triple_kills: Annotated[Count | None, "Triple Kills"] = None
    quadro_kills: Annotated[Count | None, "Quadro Kills"] = None
    penta_kills: Annotated[Count | None, "Penta Kills"] = None


class RoundFigures(Figures, frozen=True, kw_only=True):
    """What only the statistics of a match hold."""

    first_kills: Annotated[Count | None, "First Kills"] = None
    entry_count: Annotated[Count | None, "Entry Count"] = None
    entry_wins: Annotated[Count | None, "Entry Wins"] = None
    clutch_kills: Annotated[Count | None, "Clutch Kills"] = None
    one_v_one_count: Annotated[Count | None, "1v1Count"] = None
    one_v_one_wins: Annotated[Count | None, "1v1Wins"] = None
    one_v_two_count: Annotated[Count | None, "1v2Count"] = None
    one_v_two_wins: Annotated[Count | None, "1v2Wins"] = None
    flash_count: Annotated[Count | None, "Flash Count"] = None
    flash_successes: Annotated[Count | None, "Flash Successes"] = None
    enemies_flashed: Annotated[Count | None, "Enemies Flashed"] = None
    utility_count: Annotated[Count | None, "Utility Count"] = None
    utility_successes: Annotated[Count | None, "Utility Successes"] = None
    utility_enemies: Annotated[Count | None, "Utility Enemies"] = None
    utility_damage: Annotated[Count | None, "Utility Damage"] = None
    sniper_kills: Annotated[Count | None, "Sniper Kills"] = None
    pistol_kills: Annotated[Count | None, "Pistol Kills"] = None
    knife_kills: Annotated[Count | None, "Knife Kills"] = None
    zeus_kills: Annotated[Count | None, "Zeus Kills"] = None
