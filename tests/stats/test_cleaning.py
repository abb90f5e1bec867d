"""What is of no use any more goes, in batches; a dry run only counts."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from stats import cleaning
from stats.models import PlayerMapStats, PlayerMatch, PlayerStatsCache, PlayerStatsPoint
from stats.repositories import StatsRepository
from tests.factories import CardFactory, MapStatsFactory, PlayerMatchFactory, PointFactory

pytestmark = pytest.mark.django_db

stats = StatsRepository()


def ago(**time):
    return clock.now() - timedelta(**time)


def run(*arguments):
    output = StringIO()
    call_command("prune_stats", *arguments, stdout=output)
    return output.getvalue().strip()


def test_expired_cards_go_with_their_maps(monkeypatch):
    monkeypatch.setattr(cleaning, "BATCH", 2)
    live = MapStatsFactory.create().card
    for _each in range(5):
        MapStatsFactory.create(card=CardFactory.create(expires_at=ago(minutes=1)))

    assert stats.cleanup_expired_stats.blocking(dry_run=True) == 5
    assert PlayerStatsCache.objects.count() == 6
    assert stats.cleanup_expired_stats.blocking() == 5

    assert [card.pk for card in PlayerStatsCache.objects.all()] == [live.pk]
    assert PlayerMapStats.objects.count() == 1
    assert stats.cleanup_expired_stats.blocking() == 0


def test_cards_may_be_kept_for_some_days():
    for days in (1, 10):
        CardFactory.create(expires_at=ago(days=days))

    assert stats.cleanup_expired_stats.blocking(expired_for_days=5) == 1
    assert PlayerStatsCache.objects.count() == 1


def test_old_history_goes(settings):
    settings.PLAYER_HISTORY_DAYS = 40
    for days in (41, 39):
        PointFactory.create(player_id="p", at=ago(days=days))
        PlayerMatchFactory.create(finished_at=ago(days=days))
    PlayerMatchFactory.create(finished_at=None, created_at=ago(days=60))

    assert stats.cleanup_old_history.blocking(dry_run=True) == (1, 2)
    assert stats.cleanup_old_history.blocking() == (1, 2)

    assert (PlayerStatsPoint.objects.count(), PlayerMatch.objects.count()) == (1, 1)


def test_the_newest_point_of_a_player_stays_however_old_it_is():
    for days, game in ((500, "cs2"), (400, "cs2"), (600, "csgo")):
        PointFactory.create(player_id="p", game=game, at=ago(days=days))

    assert stats.cleanup_old_history.blocking(100) == (1, 0)

    left = PlayerStatsPoint.objects.order_by("at").values_list("game", "at__date")
    assert list(left) == [("csgo", ago(days=600).date()), ("cs2", ago(days=400).date())]


def test_young_history_is_not_given_up():
    with pytest.raises(InvalidInput, match="days_old must be from 30"):
        stats.cleanup_old_history.blocking(29)


def test_the_command_says_what_it_has_deleted():
    CardFactory.create(expires_at=ago(days=31))
    CardFactory.create(expires_at=ago(days=29))
    PointFactory.create(player_id="p", at=ago(days=401))
    PointFactory.create(player_id="p", at=ago(days=400))
    expected = "1 expired cards, 1 old points, 0 old matches of players."

    assert run("--dry-run") == f"Dry run, nothing deleted: {expected}"
    assert run() == expected
    assert run() == "0 expired cards, 0 old points, 0 old matches of players."
    assert PlayerStatsCache.objects.count() == 1


def test_the_command_refuses_a_time_that_is_none():
    with pytest.raises(CommandError) as refused:
        run("--expired-for-days", "-1")

    assert refused.value.returncode == 2


def test_cards_are_counted_by_game_and_level():
    for game, level in (("cs2", 9), ("cs2", 9), ("cs2", 10), ("csgo", None)):
        CardFactory.create(game=game, skill_level=level)
    CardFactory.create(expires_at=ago(minutes=1), skill_level=1)

    found = stats.get_cache_statistics.blocking()

    misses = found["cache_performance"].pop("recent_cache_misses_1h")
    assert isinstance(misses, int)
    assert found == {
        "total_cached_players": 5,
        "active_cached_players": 4,
        "expired_cached_players": 1,
        "game_distribution": {"cs2": 4, "csgo": 1},
        "skill_level_distribution": {"level_1": 1, "level_9": 2, "level_10": 1},
        "cache_performance": {"cache_utilization": 80.0},
    }
