"""What `dev.py run --demo` fills an empty database with."""

import pytest
from django.core.management import call_command

from analytics.models import Watermark
from examples import demo, sample_matches
from matches.models import MatchAnalysis
from stats.models import PlayerMatch, PlayerStatsCache
from users.models import User

pytestmark = pytest.mark.django_db


def counted():
    return [model.objects.count() for model in (User, MatchAnalysis, PlayerMatch, PlayerStatsCache)]


def test_a_demonstration_has_users_players_and_sums_and_goes_on(monkeypatch):
    monkeypatch.setattr(demo, "DAYS", 3)
    for name, value in {"MATCHES": 5, "FORMER_MATCHES": 8, "CANCELLED": 3, "BEST_OF_3": 4}.items():
        monkeypatch.setattr(sample_matches, name, value)

    demo.fill()

    before = counted()
    assert min(before) > 0
    assert MatchAnalysis.objects.filter(team1_analysis__players__isnull=False).exists()
    assert PlayerStatsCache.objects.filter(user__isnull=False).exists()
    assert Watermark.objects.exists()
    demo.fill()
    assert counted() == before
    call_command("simulate_traffic", count=30)
    assert counted() > before
