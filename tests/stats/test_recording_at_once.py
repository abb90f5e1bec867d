"""Bodies that are recorded at the same moment: each card knows of all of them."""

import asyncio

import pytest

from examples import faceit_statistics
from stats.models import PlayerMatch
from stats.repositories import StatsRepository
from tests.faceit.made import FIRST, MATCHES, PEOPLE
from tests.threads import in_a_thread

pytestmark = pytest.mark.django_db(transaction=True)

stats = StatsRepository()


async def test_matches_of_the_same_players_at_once_are_all_on_their_cards():
    bodies = [faceit_statistics.match_stats(played) for played in MATCHES]
    rows = faceit_statistics.game_stats(FIRST, MATCHES)

    await asyncio.gather(
        *(stats.record_match_stats(body) for body in bodies for _twice in range(2)),
        stats.record_game_stats(FIRST.player_id, rows),
    )

    cards = await stats.get_team_stats([person.player_id for person in PEOPLE])
    assert [card.matches_played for card in cards] == [len(MATCHES)] * 10
    assert await in_a_thread(PlayerMatch.objects.count) == 10 * len(MATCHES)
    maps = {card.player_id: sum(each["matches"] for each in card.map_performance.values()) for card in cards}
    assert set(maps.values()) == {len(MATCHES)}
