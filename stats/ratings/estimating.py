"""Rating 1.0 where a body does not say how the kills fell upon the rounds.

A csgo body and the map segments of lifetime statistics lack double kills; some bodies lack all multi-kills.
The estimate takes the kills of a round for Poisson distributed. It is not fitted to anything. Measured on the
recorded matches of at least ten rounds: with triple, quadro and penta kills known the error is 0.021 on
average (95 % below 0.055, at most 0.12); with kills alone 0.050 (95 % below 0.145, at most 0.32). In shorter
matches it may be far off.
"""

from math import sqrt

from stats.ratings.arithmetic import present

AVERAGE_KILLS_PER_ROUND = 0.679
AVERAGE_SURVIVED_PER_ROUND = 0.317
AVERAGE_MULTI_KILL_POINTS_PER_ROUND = 1.277
WEIGHT_OF_SURVIVING = 0.7
WEIGHTS = 2.7  # the three parts of the rating: 1 + 0.7 + 1

MOST_KILLS_IN_A_ROUND = 5


def rating_1_0_from(
    kills: float | None, deaths: float | None, rounds: float | None, multi_kill_points: float | None
) -> float | None:
    """Give the Rating 1.0 of totals, where each round with n kills gave n x n multi-kill points.

    Source: HLTV's Rating 1.0, see `rating_1_0`.
    """
    given = present(kills, deaths, rounds, multi_kill_points)
    if given is None or given[2] <= 0:
        return None
    killed, died, played, points = given
    kill_part = killed / played / AVERAGE_KILLS_PER_ROUND
    survival_part = (played - died) / played / AVERAGE_SURVIVED_PER_ROUND
    multi_kill_part = points / played / AVERAGE_MULTI_KILL_POINTS_PER_ROUND
    return (kill_part + WEIGHT_OF_SURVIVING * survival_part + multi_kill_part) / WEIGHTS


def rating_1_0_estimated(
    kills: float | None,
    deaths: float | None,
    rounds: float | None,
    k3: float | None = None,
    k4: float | None = None,
    k5: float | None = None,
) -> float | None:
    """Give an estimate of the Rating 1.0 without double kills, or None without kills, deaths and rounds.

    `k3` to `k5` count the rounds with so many kills, and make it better if all three are known.

    Source: rating 1.0 with the multi-kill points that Poisson distributed kills would have given.
    """
    given = present(kills, deaths, rounds)
    if given is None or given[2] <= 0:
        return None
    killed, _died, played = given
    many = present(k3, k4, k5)
    points = _points_of_kills(killed, played) if many is None else _points_beside(killed, played, *many)
    return rating_1_0_from(kills, deaths, rounds, points)


def _points_of_kills(kills: float, rounds: float) -> float:
    """Give the points of kills that fell upon the rounds by chance alone.

    Source: E[X²] = m + m² of a Poisson variable of mean m. No round has more than five kills, so the points
    are at most five for each.
    """
    per_round = kills / rounds
    return min(per_round + per_round * per_round, MOST_KILLS_IN_A_ROUND * per_round) * rounds


def _points_beside(kills: float, rounds: float, k3: float, k4: float, k5: float) -> float:
    """Give the points if the kills outside of triple, quadro and penta rounds came singly or in pairs.

    Source: a Poisson variable that is known to be 0, 1 or 2 has the weights 1, t and t²/2; `t` follows from
    its mean m by t + t² = m (1 + t + t²/2), and is written as
    `rising / falling`, so that nothing is divided by 0 at m = 2.
    """
    other_rounds = max(rounds - k3 - k4 - k5, 0)
    # Where the sums of a body do not add up, the known rounds count and the rest is taken within its bounds.
    other_kills = min(max(kills - 3 * k3 - 4 * k4 - 5 * k5, 0), 2 * other_rounds)
    m = other_kills / other_rounds if other_rounds else 0.0
    rising, falling = 2 * m, sqrt(1 + 2 * m - m * m) + 1 - m
    pairs = rising * rising / 2
    doubles = other_rounds * pairs / (falling * falling + rising * falling + pairs)
    singles = other_kills - 2 * doubles
    return singles + 4 * doubles + 9 * k3 + 16 * k4 + 25 * k5
