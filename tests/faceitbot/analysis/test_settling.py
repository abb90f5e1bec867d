"""What was foretold of a match is scored when FACEIT tells how it ended."""

from datetime import timedelta
from math import log

import pytest

from examples import faceit_bodies
from faceitbot.analysis import build_analysis
from faceitbot.faceit import Kind
from faceitbot.faceit_files.storing import store
from matches.repositories import MatchRepository
from stats.models import Prediction
from stats.repositories import StatsRepository
from tests.faceitbot.analysis.playing import NOW, record_match, record_players, season
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
matches, stats = MatchRepository(), StatsRepository()
LATER = NOW + timedelta(hours=1)


def quality_then():
    return stats.get_prediction_quality.blocking(now=LATER)


def foretold():
    found = season(past=0)
    record_players(found)
    record_match(found.coming)
    build_analysis.blocking(found.coming.match_id, now=NOW)
    return found.coming


def test_a_prediction_is_scored_when_its_match_is_over():
    match = foretold()
    chance = Prediction.objects.get().team1_probability
    assert quality_then()["count"] == 0

    for _told_twice in range(2):
        matches.record_match.blocking(faceit_bodies.match(match, "FINISHED"), now=LATER)

    won = match.winner == 0
    quality = quality_then()
    assert quality["count"] == 1
    assert quality["brier"] == pytest.approx((chance - won) ** 2, abs=1e-4)
    assert quality["log_loss"] == pytest.approx(-log(chance if won else 1 - chance), abs=1e-4)


def test_a_match_that_was_cancelled_scores_nothing():
    match = foretold()

    matches.update_match_status.blocking(match.match_id, "CANCELLED")

    assert quality_then()["count"] == 0
    assert Prediction.objects.get().settled_at is not None


def test_nothing_is_foretold_of_a_match_that_somebody_says_is_over():
    """The body that is stored does not know of the end, the ELOs do."""
    match = foretold()
    user = UserRepository().create_user.blocking(7)
    matches.create_analysis.blocking(user.pk, match.match_id, {}, now=NOW)
    before = Prediction.objects.get()

    matches.update_match_status.blocking(match.match_id, "FINISHED", now=NOW)
    assert build_analysis.blocking(match.match_id, now=NOW) is None  # FACEIT has to be asked again

    Prediction.objects.all().delete()
    record_match(match)  # and answers from a cache of its own
    assert build_analysis.blocking(match.match_id, now=NOW)["prediction"]["team1_probability"] is not None
    assert Prediction.objects.count() == 0

    before.save(force_insert=True)
    matches.record_match.blocking(faceit_bodies.match(match, "FINISHED"), now=LATER)
    assert quality_then()["count"] == 1


def test_a_history_tells_who_has_won():
    match = foretold()

    store(Kind.HISTORY, faceit_bodies.history([match]))

    assert Prediction.objects.get().winner == f"team{match.winner + 1}"
    assert quality_then()["count"] == 1
