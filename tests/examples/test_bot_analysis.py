"""The example bot analyses matches: what it answers, what it asks FACEIT for, and who pays for it."""

import pytest

from examples.bot_analysis import match_id_in
from examples.bot_jobs import follow_matches
from examples.faceit_api import FaceitFailed
from faceitbot.core import atomically
from faceitbot.texts import say
from matches.repositories import MatchCacheRepository, MatchRepository
from stats.models import PlayerMatch, PlayerStatsCache, Prediction
from stats.repositories import StatsRepository
from subscriptions.repositories import SubscriptionRepository
from tests.examples.bot import MARIA
from tests.examples.faceit import COMING, PEOPLE
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

users, access = UserRepository(), SubscriptionRepository()
matches, stats = MatchRepository(), StatsRepository()
AWAY = FaceitFailed("away")
ROOM = f"https://www.faceit.com/ru/cs2/room/{COMING.match_id}/scoreboard"


async def link(telegram, person=PEOPLE[0]):
    await telegram.write("/link")
    assert await telegram.write(person.nickname) == [say("linked", "ru")]
    telegram.faceit.asked.clear()


async def used(sender=MARIA):
    user = await users.get_by_telegram_id(sender)
    limits = (await access.can_make_request(user.pk)).limits
    return limits["daily_requests"]


async def stored():
    return await matches.get_by_match_id(COMING.match_id)


async def test_the_latest_match_is_analysed(telegram):
    await link(telegram)

    (said,) = await telegram.write("/analyse")

    assert said.splitlines() == []
    everybody = [person.player_id for person in PEOPLE]
    asked = sorted(telegram.faceit.asked)
    assert asked == sorted(
        [
            f"latest of {PEOPLE[0].player_id}",
            "match",
            *(f"player {player_id}" for player_id in everybody),
            *(f"lifetime cs2 {player_id}" for player_id in everybody),
        ]
    )
    row = await stored()
    assert (row.status, row.revision, row.cached_data_used) == ("ready", 1, False)
    assert row.processing_time_ms >= 0
    assert await used() == 1
