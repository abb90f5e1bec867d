"""Stretches of time are taken out of others as if each minute were looked at."""

import random
from datetime import UTC, datetime, timedelta

from analytics.rollups.stretches import joined, without

START, MINUTE = datetime(2026, 6, 1, tzinfo=UTC), timedelta(minutes=1)


def minutes(stretches):
    return {START + n * MINUTE for n in range(60) if any(a <= START + n * MINUTE < b for a, b in stretches)}


def some(chance):
    ends = [sorted(chance.choices(range(60), k=2)) for _ in range(chance.randrange(6))]
    return [(START + first * MINUTE, START + last * MINUTE) for first, last in ends]


def test_what_is_left_is_what_is_in_none_of_the_others():
    for seed in range(500):
        chance = random.Random(seed)
        stretches, gone = some(chance), some(chance)

        left = without(stretches, gone)

        assert minutes(left) == minutes(stretches) - minutes(gone)
        assert left == joined(left)
