"""The present that is invented: matches are those of the day, however long it goes on."""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

from faceitbot.simulation.events import Kind
from faceitbot.simulation.population import Population
from faceitbot.simulation.traffic import Traffic

DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_next_day_has_matches_of_its_own():
    now = DAY
    events = Traffic(1, Population(), 500, random.Random(1)).events(lambda: now)

    def matches():
        return {event.value for event in islice(events, 2_000) if event.kind == Kind.ANALYSE}

    first = matches()
    now = DAY + timedelta(days=1)
    list(islice(events, 10))  # what was begun on the day before
    second = matches()

    assert first
    assert second
    assert not first & second
