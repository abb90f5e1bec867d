"""Ratings of a player by what he did: 1.0 exactly, and 2.0 where KAST is known.

FACEIT sends neither a rating nor KAST, so 1.0 is what its bodies give. Later versions of the rating cannot be
computed from them, and nothing here is called by their names.
"""

from collections.abc import Iterable
from typing import NamedTuple

from stats.ratings.arithmetic import present
from stats.ratings.estimating import rating_1_0_estimated, rating_1_0_from

RATING_1_0 = "1.0"
RATING_1_0_ESTIMATED = "1.0-estimated"
RATING_2_0 = "2.0"


class Rated(NamedTuple):
    """A rating and the version that it is of; both are None where nothing could be computed."""

    rating: float | None
    version: str | None


UNRATED = Rated(None, None)


def rating_1_0(
    kills: float | None,
    deaths: float | None,
    rounds: float | None,
    k1: float | None,
    k2: float | None,
    k3: float | None,
    k4: float | None,
    k5: float | None,
) -> float | None:
    """Give the Rating 1.0 of a match, or None if a figure is absent or no round was played.

    `k1` to `k5` count the rounds with exactly so many kills. An average player has 1.0.

    Source: HLTV's Rating 1.0 as published with its three averages (kills 0.679, survived 0.317, multi-kill
    points 1.277 per round); equal to 1 345 recorded ratings within 1e-6.
    """
    given = present(k1, k2, k3, k4, k5)
    if given is None:
        return None
    return rating_1_0_from(kills, deaths, rounds, sum(n * n * count for n, count in enumerate(given, 1)))


def single_kills(
    kills: int | None, double: int | None, triple: int | None, quadro: int | None, penta: int | None
) -> int | None:
    """Give how many rounds had exactly one kill: what the multi-kills leave of all kills.

    Never below 0. A body whose kills are fewer than its multi-kills add up to (a kill taken back, a team
    kill) makes this too low by the difference: one kill in 28 of 1 345 recorded matches, which moves the
    rating of a match of 12 rounds or more by less than 0.025.

    Source: Kills = 1K + 2 Double + 3 Triple + 4 Quadro + 5 Penta.
    """
    if kills is None or double is None or triple is None or quadro is None or penta is None:
        return None
    return max(0, kills - 2 * double - 3 * triple - 4 * quadro - 5 * penta)


def rating_2_0(
    kills: float | None,
    deaths: float | None,
    assists: float | None,
    rounds: float | None,
    adr: float | None,
    kast_percent: float | None,
) -> float | None:
    """Give the Rating 2.0 of a match, or None if a figure is absent or no round was played.

    Units: `adr` is damage per round, `kast_percent` 0 to 100. FACEIT does not send KAST.
    Source: the public fit of HLTV's unpublished formula (flashed.gg, "Reverse engineering the HLTV 2.0
    rating"); within 0.01 of 99 % of recorded ratings.
    """
    given = present(kills, deaths, assists, rounds, adr, kast_percent)
    if given is None or given[3] <= 0:
        return None
    killed, died, assisted, played, damage, kast = given
    kpr, dpr, apr = killed / played, died / played, assisted / played
    impact = 2.13 * kpr + 0.42 * apr - 0.41
    return 0.0073 * kast + 0.3591 * kpr - 0.5329 * dpr + 0.2372 * impact + 0.0032 * damage + 0.1587


def version_of_mean(versions: Iterable[str | None]) -> str | None:
    """Give the version of a mean of ratings by theirs: an estimate if one of them is.

    None where nobody knows, or where formulas of different scales were put together.
    """
    found = set(versions)
    if found == {RATING_1_0, RATING_1_0_ESTIMATED}:
        return RATING_1_0_ESTIMATED
    return found.pop() if len(found) == 1 else None


def rate(
    kills: int | None,
    deaths: int | None,
    rounds: int | None,
    double_kills: int | None = None,
    triple_kills: int | None = None,
    quadro_kills: int | None = None,
    penta_kills: int | None = None,
    *,
    assists: int | None = None,
    adr: float | None = None,
    kast_percent: float | None = None,
) -> Rated:
    """Give the best rating that the figures allow, with its version.

    2.0 where KAST is given, 1.0 where the multi-kills are, else an estimate of 1.0 that says so.
    """
    if kast_percent is not None:
        rating = rating_2_0(kills, deaths, assists, rounds, adr, kast_percent)
        if rating is not None:
            return Rated(rating, RATING_2_0)
    singles = single_kills(kills, double_kills, triple_kills, quadro_kills, penta_kills)
    rating = rating_1_0(kills, deaths, rounds, singles, double_kills, triple_kills, quadro_kills, penta_kills)
    if rating is not None:
        return Rated(rating, RATING_1_0)
    rating = rating_1_0_estimated(kills, deaths, rounds, triple_kills, quadro_kills, penta_kills)
    return UNRATED if rating is None else Rated(rating, RATING_1_0_ESTIMATED)
