"""What `dev.py run` fills an empty database with."""

import json
from datetime import timedelta

import pytest

from examples import make_sample, sample_data, sample_matches
from faceitbot.core import clock
from matches.models import MatchAnalysis, MatchCache
from stats.models import PlayerMatch, PlayerStatsCache, Prediction
from stats.repositories import StatsRepository
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PLAYED = 6


@pytest.fixture
def sample_users(monkeypatch):
    """Some of the users of the data file; and a season that is short and has all kinds of matches."""
    for name, value in {"MATCHES": PLAYED, "FORMER_MATCHES": 10, "CANCELLED": 3, "BEST_OF_3": 4}.items():
        monkeypatch.setattr(sample_matches, name, value)
    users = json.loads(make_sample.TARGET.read_text(encoding="utf-8"))["users"]
    linked = [user for user in users if user["faceit_player_id"]][: sample_data.PLAYING]
    for user in linked:
        UserFactory.create(
            telegram_id=user["user_id"],
            faceit_player_id=user["faceit_player_id"],
            faceit_nickname=user["faceit_nickname"],
        )


def test_sample_users_have_a_season_to_look_at(sample_users):
    sample_data.main()

    now = clock.now()
    assert Prediction.objects.count() == PLAYED + 2
    assert Prediction.objects.filter(settled_at=None).count() == 2
    assert StatsRepository().get_prediction_quality.blocking()["count"] == PLAYED - 2  # two were cancelled
    assert set(MatchAnalysis.objects.values_list("status", flat=True)) == {
        "finished",
        "cancelled",
        "ongoing",
        "voting",
    }
    cards = PlayerStatsCache.objects.all()
    assert cards.filter(expires_at__gt=now + timedelta(days=20)).count() == len(cards)
    assert cards.filter(user__isnull=False).count() == sample_data.PLAYING
    assert PlayerMatch.objects.filter(match_round=2).exists()
    assert not MatchAnalysis.objects.filter(analysed_at__gt=now).exists()
    assert MatchCache.objects.filter(expires_at__gt=now + timedelta(days=20)).count() == 2


def test_a_second_time_adds_nothing(sample_users):
    sample_data.main()
    before = sorted(MatchAnalysis.objects.values_list("pk", "revision", "updated_at"))

    sample_data.main()

    assert sorted(MatchAnalysis.objects.values_list("pk", "revision", "updated_at")) == before


def test_where_no_sample_users_are_nobody_plays():
    UserFactory.create(faceit_player_id="somebody-real", faceit_nickname="real")

    sample_data.main()

    assert not MatchAnalysis.objects.exists()
    assert not PlayerStatsCache.objects.exists()
