"""How dangerous a player is to meet, from 1 to 5."""

from math import floor

from stats.ratings.form import WIN

LOWEST_LEVEL, HIGHEST_LEVEL = 1, 5
LAST_RESULTS = 5

# Each is (at least, points), the highest first.
# Source: the product's own heuristic; no figure is fitted.
RATING_POINTS = ((1.3, 2.0), (1.1, 1.0), (1.0, 0.5))
WINRATE_POINTS = ((70, 1.5), (60, 1.0), (50, 0.5))
KD_POINTS = ((1.3, 1.0), (1.1, 0.5))
WINS_POINTS = ((4, 0.5), (3, 0.3))


def danger_level(
    rating: float | None, winrate: float | None, kd: float | None, recent_form: str | None
) -> int | None:
    """Give the danger level from 1 to 5, or None if one of the figures is absent.

    Units: `winrate` in percent; `recent_form` newest first, of which five letters count.
    Source: points for rating, win rate, K/D and wins of the last five; the level is their whole part plus 1,
    within 1 to 5. A heuristic.
    """
    if rating is None or winrate is None or kd is None or recent_form is None:
        return None
    score = (
        _points(rating, RATING_POINTS)
        + _points(winrate, WINRATE_POINTS)
        + _points(kd, KD_POINTS)
        + _points(recent_form[:LAST_RESULTS].count(WIN), WINS_POINTS)
    )
    return min(HIGHEST_LEVEL, max(LOWEST_LEVEL, floor(score) + 1))


def _points(figure: float, steps: tuple[tuple[float, float], ...]) -> float:
    return next((points for at_least, points in steps if figure >= at_least), 0.0)
