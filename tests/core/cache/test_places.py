"""The names of a value and its stamps are made once, for as many values as a bot's regular users ask for."""

import pytest

from faceitbot.core.cache import spec as spec_module
from stats.repositories import StatsRepository

MOST = 10


@pytest.fixture
def place(monkeypatch):
    """Give where a player's card lies; few places are remembered, and none from before."""
    monkeypatch.setattr(spec_module, "_MOST_PLACES", MOST)
    spec, repository = StatsRepository.get_player_stats.spec, StatsRepository()
    monkeypatch.setattr(spec, "_places", {})
    return lambda number: spec.call(repository, (f"player-{number}",), {}).address


def test_the_newer_ones_stay_when_there_are_too_many(place):
    first, *_others, last = [place(number) for number in range(MOST)]

    place(MOST)

    assert place(MOST - 1) is last
    assert place(0) == first
    assert place(0) is not first


def test_all_places_of_a_method_share_the_names_of_its_wide_stamps(place):
    one, other = place(1), place(2)

    assert one.operation is other.operation
    assert one.table is other.table
    assert one.scope != other.scope
