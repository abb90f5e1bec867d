"""What a player does for his team, guessed from what FACEIT counts.

Every threshold here is a heuristic of the product. The counts come with match statistics of CS2 and with
lifetime statistics; the rows of a player's match list lack them, and then there is no role.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stats.ratings.arithmetic import ratio, sums
from stats.ratings.played import PlayedMatch

SNIPER, ENTRY, CLUTCHER, SUPPORT, FRAGGER, RIFLER = (
    "sniper",
    "entry",
    "clutcher",
    "support",
    "fragger",
    "rifler",
)
ROLES = (SNIPER, ENTRY, CLUTCHER, SUPPORT, FRAGGER, RIFLER)

# About five matches: in fewer rounds one good evening looks like a role.
FEWEST_ROUNDS = 100
# Source: heuristic; a third of a full-time sniper's kills come with rifles and pistols even so.
SNIPER_SHARE_OF_KILLS = 0.3
# Source: heuristic over a fact: two of ten players fight the first duel, so 0.2 per round is usual.
ENTRIES_PER_ROUND = 0.25
ENTRY_SUCCESS = 0.45
# Source: heuristic; players win about 0.27 of their clutches against one and two.
FEWEST_CLUTCHES = 20
CLUTCH_SUCCESS = 0.4
# Source: heuristic; about 0.95 flashes and other grenades per round are usual.
THROWN_PER_ROUND = 1.3
# Source: heuristic; as the highest step of the danger level.
FRAGGER_KD = 1.3


@dataclass(frozen=True, slots=True)
class Playstyle:
    """The figures that a role is told by; what is not known is None."""

    rounds: int
    sniper_share: float | None
    entries_per_round: float | None
    entry_success: float | None
    clutches: int | None
    clutch_success: float | None
    thrown_per_round: float | None


def playstyle(matches: Sequence[PlayedMatch]) -> Playstyle:
    """Give the figures behind a role, each over the matches that tell it.

    `rounds` are those of the matches that tell any of the extended counts.
    Source: ratios of FACEIT's sums; thrown are flashes and other grenades.
    """
    extended = [match for match in matches if match.rounds and match.entry_count is not None]
    clutches_won, clutches = sums(_clutches(match) for match in extended)
    return Playstyle(
        rounds=sum(match.rounds or 0 for match in extended),
        sniper_share=ratio(*sums((match.sniper_kills, match.kills) for match in matches)),
        entries_per_round=ratio(*sums((match.entry_count, match.rounds) for match in extended)),
        entry_success=ratio(*sums((match.entry_wins, match.entry_count) for match in extended)),
        clutches=clutches,
        clutch_success=ratio(clutches_won, clutches),
        thrown_per_round=ratio(*sums((_thrown(match), match.rounds) for match in extended)),
    )


def player_role(style: Playstyle, kd: float | None) -> str | None:
    """Give the first role that the figures speak for, or None where they are of too few rounds.

    In this order: sniper, entry, clutcher, support, fragger; "rifler" where nothing stands out.
    """
    if style.rounds < FEWEST_ROUNDS or style.sniper_share is None:
        return None
    if _at_least(style.sniper_share, SNIPER_SHARE_OF_KILLS):
        return SNIPER
    if _at_least(style.entries_per_round, ENTRIES_PER_ROUND) and _at_least(
        style.entry_success, ENTRY_SUCCESS
    ):
        return ENTRY
    if _at_least(style.clutches, FEWEST_CLUTCHES) and _at_least(style.clutch_success, CLUTCH_SUCCESS):
        return CLUTCHER
    if _at_least(style.thrown_per_round, THROWN_PER_ROUND):
        return SUPPORT
    return FRAGGER if _at_least(kd, FRAGGER_KD) else RIFLER


def _at_least(figure: float | None, threshold: float) -> bool:
    return figure is not None and figure >= threshold


def _clutches(match: PlayedMatch) -> tuple[int | None, int | None]:
    if match.one_v_one_count is None or match.one_v_two_count is None:
        return None, None
    if match.one_v_one_wins is None or match.one_v_two_wins is None:
        return None, None
    return (
        match.one_v_one_wins + match.one_v_two_wins,
        match.one_v_one_count + match.one_v_two_count,
    )


def _thrown(match: PlayedMatch) -> int | None:
    if match.flash_count is None or match.utility_count is None:
        return None
    return match.flash_count + match.utility_count
