"""What a player did on one map of a match, as far as FACEIT says it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from stats.ratings.rating import Rated, rate

LAST_MATCHES = 20
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlayedMatch:
    """One map that a player played; what the body did not say is None.

    A match of several maps is several of these, with `round_number` 1, 2, 3. The counts below the line come
    with match statistics of CS2 alone. Sums over many matches, such as lifetime statistics, fit in as well.
    """

    played_at: datetime | None = None
    round_number: int = 1
    map_name: str | None = None
    won: bool | None = None
    rounds: int | None = None
    kills: int | None = None
    deaths: int | None = None
    assists: int | None = None
    adr: float | None = None
    double_kills: int | None = None
    triple_kills: int | None = None
    quadro_kills: int | None = None
    penta_kills: int | None = None
    # ---
    sniper_kills: int | None = None
    pistol_kills: int | None = None
    knife_kills: int | None = None
    zeus_kills: int | None = None
    entry_count: int | None = None
    entry_wins: int | None = None
    flash_count: int | None = None
    utility_count: int | None = None
    one_v_one_count: int | None = None
    one_v_one_wins: int | None = None
    one_v_two_count: int | None = None
    one_v_two_wins: int | None = None

    @property
    def rated(self) -> Rated:
        """The Rating 1.0 of this map with its version, which tells an estimate."""
        return rate(
            self.kills,
            self.deaths,
            self.rounds,
            self.double_kills,
            self.triple_kills,
            self.quadro_kills,
            self.penta_kills,
        )


def newest_first(matches: Iterable[PlayedMatch]) -> list[PlayedMatch]:
    """Give the matches in falling order of time; those of unknown time come last, in the order given."""
    return sorted(matches, key=_recency, reverse=True)


def last_matches(matches: Iterable[PlayedMatch], count: int = LAST_MATCHES) -> list[PlayedMatch]:
    """Give the newest `count` maps, newest first."""
    return newest_first(matches)[:count]


def _recency(match: PlayedMatch) -> tuple[datetime, int]:
    return (_LONG_AGO, 0) if match.played_at is None else (match.played_at, match.round_number)
