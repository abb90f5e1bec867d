"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How many rows and rounds. Units: `seconds` of a round."""

    name: str
    users: int
    players: int
    rounds: int
    seconds: float
    most: int  # calls of a round


FULL = Size("full", users=100_000, players=20_000, rounds=7, seconds=0.4, most=10_000)
QUICK = Size("quick", users=2_000, players=500, rounds=3, seconds=0.05, most=1_000)
SIZES = {"full": FULL, "quick": QUICK}
