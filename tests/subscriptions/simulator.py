"""The rule about access by brute force: one small step of time after the other.

Written apart from `subscriptions.rules` and shares nothing with it: whole steps are numbers, time that is
left is counted down, and every end is found by looking at the steps, none by adding durations.
"""

from dataclasses import dataclass

WORTH = ["free", "premium", "pro"]
FOREVER = None


@dataclass(frozen=True)
class Row:
    """A grant on a grid of steps; a length of None is a lifetime."""

    tier: str
    start: int
    length: int | None
    revoked: bool = False


@dataclass(frozen=True)
class Simulation:
    """The tier of each step, and how much of each row has burnt before `now`."""

    tiers: list[str]
    burnt: list[int]
    now: int

    def stretch_from(self, step: int) -> tuple[str, int | None]:
        """Give the tier of a step and the step at which it is another, None if it stays."""
        tier = self.tiers[step]
        changes = (later for later in range(step, len(self.tiers)) if self.tiers[later] != tier)
        return tier, next(changes, FOREVER)

    def projection(self) -> tuple[str, int | None, str | None, int | None]:
        """Give tier, its end, the tier after it unless that is free, and its end."""
        tier, end = self.stretch_from(self.now)
        if end is FOREVER:
            return tier, FOREVER, None, None
        following, its_end = self.stretch_from(end)
        if following == "free":
            return tier, end, None, None
        return tier, end, following, its_end


def simulate(rows: list[Row], now: int) -> Simulation:
    """Burn the rows from step 0 until nothing but a lifetime can be left."""
    left = {place: row.length for place, row in enumerate(rows) if not row.revoked}
    burnt = [0] * len(rows)
    tiers = []
    for step in range(now + sum(row.length or 0 for row in rows) + 1):
        candidates = [
            place
            for place, length_left in left.items()
            if length_left != 0 and (rows[place].start <= step or now <= step)
        ]
        if not candidates:
            tiers.append("free")
            continue
        chosen = min(candidates, key=lambda place: precedence(rows[place], now))
        length_left = left[chosen]
        if length_left is not None:
            left[chosen] = length_left - 1
        if step < now:
            burnt[chosen] += 1
        tiers.append(rows[chosen].tier)
    return Simulation(tiers, burnt, now)


def precedence(row: Row, now: int) -> tuple[int, int, bool, int]:
    """Order the rows: the best tier, then the oldest, then the shortest with a lifetime last."""
    return -WORTH.index(row.tier), min(row.start, now), row.length is None, row.length or 0
