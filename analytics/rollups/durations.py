"""Durations as counts by length, out of which any percentile comes with a bounded error.

Each bin is 2 % longer than the one before, so a percentile is off by 1 % at most, however many durations
there are, and bins of different stretches can be added up.
Source: Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019.
"""

import math
from collections.abc import Mapping

from django.db.models import Case, IntegerField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Floor, Ln

GROWTH = 1.02
NONE = -1  # the bin of durations of 0


def bin_of(column: str) -> Combinable:
    """Give the expression of the bin of a duration in milliseconds; NULL for NULL."""
    length = Cast(Floor(Ln(column) / Value(math.log(GROWTH))), IntegerField())
    return Case(
        When(**{f"{column}__lt": 1}, then=Value(NONE)),
        When(**{f"{column}__gte": 1}, then=length),
        output_field=IntegerField(),
    )


def percentile(counts: Mapping[str, int], percent: float) -> float:
    """Give the duration that so many percent do not exceed, within 1 %; 0 without any.

    Shape: `counts` are the parts of the count `times`: {bin: how many}.
    Source: the nearest rank; the middle of its bin stands for it.
    """
    bins = sorted((int(key), number) for key, number in counts.items() if key and number)
    rank = math.ceil(percent / 100 * sum(number for _bin, number in bins))
    for each, number in bins:
        rank -= number
        if rank <= 0:
            return _middle(each)
    return 0.0


def _middle(each: int) -> float:
    if each == NONE:
        return 0.0
    shortest, longest = GROWTH**each, GROWTH ** (each + 1)
    whole = math.ceil(shortest - 1e-9)
    # Of the short ones a bin holds one whole number, which is known exactly.
    return float(whole) if whole + 1 >= longest else round(2 * shortest * longest / (shortest + longest), 2)
