"""What was foretold of a match is scored when FACEIT tells how it ended."""

from datetime import timedelta
from math import log

import pytest

from examples import faceit_bodies
from faceitbot.analysis import build_analysis
from matches.repositories import MatchRepository
from stats.models import Prediction
from stats.repositories import StatsRepository
from tests.faceitbot.analysis.playing import NOW, record_match, record_players, season

pytestmark = pytest.mark.django_db
matches, stats = MatchRepository(), StatsRepository()
LATER = NOW + timedelta(hours=1)


def foretold():
    found = season(past=0)
    record_players(found)
    record_match(found.coming)
    build_analysis.blocking(found.coming.match_id, now=NOW)
    return found.coming


def test_a_prediction_is_scored_when_its_match_is_over():
    match = foretold()
    chance = Prediction.objects.get().team1_probability
    assert stats.get_prediction_quality.blocking()["count"] == 0

    for _told_twice in range(2):
        matches.record_match.blocking(faceit_bodies.match(match, "FINISHED"), now=LATER)

    won = match.winner == 0
    quality = stats.get_prediction_quality.blocking()
    assert quality["count"] == 1
    assert quality["brier"] == pytest.approx((chance - won) ** 2, abs=1e-4)
    assert quality["log_loss"] == pytest.approx(-log(chance if won else 1 - chance), abs=1e-4)


def test_a_match_that_was_cancelled_scores_nothing():
    match = foretold()

    matches.update_match_status.blocking(match.match_id, "CANCELLED")

    assert stats.get_prediction_quality.blocking()["count"] == 0
    assert Prediction.objects.get().settled_at is not None
