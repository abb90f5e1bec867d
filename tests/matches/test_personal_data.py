"""Who is erased has had nothing analysed; who asks is told what was."""

import pytest

from faceitbot.personal.erasing import erase_person
from faceitbot.personal.exporting import export_person
from matches.models import MatchAnalysis, MatchCache
from matches.repositories import MatchRepository
from tests.faceitbot.personal.test_erasing_races import while_held
from tests.faceitbot.personal.traces import tables
from tests.factories import MatchCacheFactory
from tests.matches.made import analysis_data, match_body
from users.errors import UserNotFound
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
repository, users = MatchRepository(), UserRepository()


@pytest.fixture
def user():
    user = users.create_user.blocking(7, "player-7", "CanaryNick")
    data = {**analysis_data(), "team1_analysis": {"players": [{"nickname": "CanaryNick"}]}}
    repository.create_analysis.blocking(user.pk, "1-match", data)
    body = match_body()
    body["teams"]["faction1"]["roster"][0]["nickname"] = "CanaryNick"
    repository.record_match.blocking(body)
    return user


def test_analyses_and_the_bodies_behind_them_are_exported(user):
    held = export_person(7)["held"]

    assert [row["match_id"] for row in held["match_analyses"]] == ["1-match"]
    assert held["match_analyses"][0]["team1_analysis"] == {"players": [{"nickname": "CanaryNick"}]}
    assert [row["match_id"] for row in held["match_cache"]] == ["1-match"]


def test_erasing_deletes_them_and_nobody_elses(user):
    other = users.create_user.blocking(8)
    repository.create_analysis.blocking(other.pk, "1-match", analysis_data())
    MatchCacheFactory.create(match_id="1-other")
    assert repository.get_by_match_id.blocking("1-match", user.pk) is not None

    done = erase_person(7, reason="asked for it")

    assert repository.get_by_match_id.blocking("1-match", user.pk) is None
    assert [row.user_id for row in MatchAnalysis.objects.all()] == [other.pk]
    assert [row.match_id for row in MatchCache.objects.all()] == ["1-other"]
    assert [row for _table, row in tables() if "CanaryNick" in row] == []
    assert (done.changed["match_analyses"], done.changed["match_cache"]) == (1, 1)


# ---- At the same time


def analyse_again(user):
    return repository.create_analysis.blocking(user.pk, "1-again", analysis_data())


def erase():
    return erase_person(7, reason="asked for it")


def test_erasing_waits_for_an_analysis_and_deletes_it_too(user):
    erasure = while_held(lambda: analyse_again(user), erase)

    assert erasure.changed["match_analyses"] == 2
    assert MatchAnalysis.objects.count() == 0


def test_an_analysis_waits_for_erasing_and_finds_nobody(user):
    refusal = while_held(erase, lambda: analyse_again(user))

    assert isinstance(refusal, UserNotFound)
    assert MatchAnalysis.objects.count() == 0
