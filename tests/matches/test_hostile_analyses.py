"""What cannot be stored is refused by its path, and nothing is written."""

import math
from datetime import datetime
from typing import Any

import pytest

from faceitbot.core.errors import InvalidInput
from matches.models import MatchAnalysis
from matches.repositories import MatchRepository
from tests.factories import UserFactory
from tests.matches.made import analysis_data

pytestmark = pytest.mark.django_db
repository = MatchRepository()
DEEP: list[object] = []
for _level in range(40):
    DEEP = [DEEP]

WRONG: list[tuple[Any, str]] = [
    ([], "analysis_data"),
    (None, "analysis_data"),
    ({"match_info": []}, "match_info"),
    (analysis_data(started_at="yesterday"), "match_info.started_at"),
    (analysis_data(started_at="2026-03-01T18:00:00"), "match_info.started_at"),
    (analysis_data(started_at=datetime(2026, 3, 1)), "match_info.started_at"),
    (analysis_data(finished_at=math.inf), "match_info.finished_at"),
    (analysis_data(finished_at=-1), "match_info.finished_at"),
    (analysis_data(configured_at=True), "match_info.configured_at"),
    (analysis_data(status=3), "match_info.status"),
    (analysis_data(status="\x00"), "match_info.status"),
    (analysis_data(map="a\x00b"), "match_info.map"),
    (analysis_data(game="x" * 65), "match_info.game"),
    (analysis_data(game=""), "match_info.game"),
    (analysis_data(competition_name="x" * 257), "match_info.competition_name"),
    (analysis_data(best_of=math.nan), "analysis_data.match_info.best_of"),
    ({"team1_analysis": {"players": [{"kd": 1.0}, {"kd": math.nan}]}}, "team1_analysis.players[1].kd"),
    ({"team1_analysis": "strong"}, "team1_analysis"),
    ({"team2_analysis": {"name": "a\x00"}}, "team2_analysis.name"),
    ({"team2_analysis": {"name": "\ud800"}}, "team2_analysis.name"),
    ({"prediction": {1: 0.5}}, "prediction"),
    ({"prediction": {"team1": {0.5}}}, "prediction.team1"),
    ({"prediction": {"team1": 2**64}}, "prediction.team1"),
    ({"prediction": {"text": "x" * 1_000_000}}, "prediction"),
    ({"prediction": {"a": "x" * 600_000}, "more": {"b": "x" * 600_000}}, "analysis_data"),
    ({"recommendations": [object()]}, "analysis_data.recommendations[0]"),
    ({7: "x"}, "analysis_data"),
    ({"match_url": 7}, "match_url"),
    ({"cached_data_used": 1}, "cached_data_used"),
]


@pytest.fixture
def user():
    return UserFactory.create()


@pytest.mark.parametrize(
    ("data", "path"), WRONG, ids=[f"{n} {path}" for n, (_data, path) in enumerate(WRONG)]
)
def test_a_bad_body_is_refused_by_its_path(user, data, path):
    with pytest.raises(InvalidInput) as caught:
        repository.create_analysis.blocking(user.pk, "1-match", data)

    assert caught.value.context["field"] == path
    assert MatchAnalysis.objects.count() == 0


def test_what_is_nested_without_end_is_refused(user):
    with pytest.raises(InvalidInput, match="deeper than 32 levels"):
        repository.create_analysis.blocking(user.pk, "1-match", {"prediction": DEEP})

    assert MatchAnalysis.objects.count() == 0


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "1", 2**31])
def test_a_time_that_is_none_is_refused(user, wrong):
    with pytest.raises(InvalidInput, match="processing_time_ms"):
        repository.create_analysis.blocking(user.pk, "1-match", {}, wrong)

    assert MatchAnalysis.objects.count() == 0


@pytest.mark.parametrize("wrong", ["", " ", "x" * 65, 7, None, "a\nb"])
def test_a_match_id_is_any_printable_text(user, wrong):
    with pytest.raises(InvalidInput, match="match_id"):
        repository.create_analysis.blocking(user.pk, wrong, {})

    assert repository.create_analysis.blocking(user.pk, "матч №7 <b>", {}).match_id == "матч №7 <b>"


def test_a_refused_analysis_leaves_the_earlier_one_as_it_was(user):
    repository.create_analysis.blocking(user.pk, "1-match", analysis_data())

    with pytest.raises(InvalidInput):
        repository.create_analysis.blocking(user.pk, "1-match", analysis_data(started_at="soon"))

    assert repository.get_by_match_id.blocking("1-match").revision == 1


def test_zero_is_no_time(user):
    row = repository.create_analysis.blocking(user.pk, "1-match", analysis_data(started_at=0))

    assert row.started_at is None


def test_callers_keep_their_data_as_it_is(user):
    given = analysis_data()

    repository.create_analysis.blocking(user.pk, "1-match", given)

    assert given == analysis_data()
