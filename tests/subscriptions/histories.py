"""Random histories of grants on a grid of steps, for the rule and for its simulation alike."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from subscriptions.rules import GrantFacts, Projection
from tests.subscriptions.simulator import Row, Simulation

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
UNITS = [timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)]
STARTS, LENGTHS = range(16), range(1, 13)

# Few different starts, so that many coincide; one row in seven a lifetime, one in five revoked.
rows = st.builds(
    Row,
    tier=st.sampled_from(["premium", "pro"]),
    start=st.sampled_from(STARTS),
    length=st.sampled_from([*LENGTHS, None, None]),
    revoked=st.sampled_from([False, False, False, False, True]),
)


@dataclass(frozen=True)
class History:
    """Some rows, a moment, and how long a step is; some rows may start after the moment."""

    rows: list[Row]
    now: int
    unit: timedelta

    def at(self, step: int) -> datetime:
        return FIRST + step * self.unit

    def grant(self, row: Row) -> GrantFacts:
        return GrantFacts(
            tier=row.tier,
            starts_at=self.at(row.start),
            duration=None if row.length is None else row.length * self.unit,
            revoked_at=self.at(row.start) if row.revoked else None,
        )

    @property
    def grants(self) -> list[GrantFacts]:
        return [self.grant(row) for row in self.rows]

    @property
    def moment(self) -> datetime:
        return self.at(self.now)

    @property
    def steps(self) -> range:
        """Every step until nothing but a lifetime can be left, and some before the moment."""
        return range(self.now + sum(row.length or 0 for row in self.rows) + 1)

    def projection_of(self, simulation: Simulation) -> Projection:
        """Give what the simulation has seen as the rule would say it."""
        tier, end, following, its_end = simulation.projection()
        return Projection(
            tier,
            None if end is None else self.at(end),
            following,
            None if its_end is None else self.at(its_end),
        )


histories = st.builds(
    History,
    rows=st.lists(rows, max_size=6),
    now=st.integers(0, 40),
    unit=st.sampled_from(UNITS),
)


def kinds(history: History) -> set[str]:
    """Name what is special about a history."""
    valid = [row for row in history.rows if not row.revoked]
    starts = [row.start for row in valid]
    found = {
        "both tiers": {row.tier for row in valid} == {"premium", "pro"},
        "a lifetime": any(row.length is None for row in valid),
        "a revoked grant": len(valid) < len(history.rows),
        "equal starts": len(set(starts)) < len(starts),
        "a start after now": any(start > history.now for start in starts),
        "no grant": not valid,
    }
    return {name for name, is_so in found.items() if is_so}
