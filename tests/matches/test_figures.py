"""Figures about analyses, computed in the database by indexes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from matches.models import MatchAnalysis
from matches.repositories import MatchRepository
from tests.factories import MatchAnalysisFactory, UserFactory

pytestmark = pytest.mark.django_db
repository = MatchRepository()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTHING = {
    "total_analyses": 0,
    "status_distribution": {},
    "game_distribution": {},
    "cache_usage": {"cached_analyses": 0, "cache_hit_rate": 0.0},
    "processing_times": {"average_ms": 0.0, "minimum_ms": 0, "maximum_ms": 0},
    "period": {"start": None, "end": None},
}


def analysed(match_id, hours_ago=1, **more):
    return MatchAnalysisFactory.create(
        match_id=match_id, analysed_at=NOON - timedelta(hours=hours_ago), **more
    )


def test_figures_of_nothing_have_the_same_keys():
    assert repository.get_match_analysis_stats.blocking() == NOTHING
    assert repository.get_popular_matches.blocking() == []


def test_analyses_are_counted_by_status_game_time_and_source():
    user = UserFactory.create()
    analysed("1-a", user=user, processing_time_ms=1_000, cached_data_used=True, status="finished")
    analysed("1-b", user=user, processing_time_ms=2_000, game="csgo", status="finished")
    analysed("1-c", user=user, processing_time_ms=None)
    analysed("1-d", hours_ago=30, processing_time_ms=10)

    everything = repository.get_match_analysis_stats.blocking()
    his = repository.get_match_analysis_stats.blocking(user.pk)
    day = repository.get_match_analysis_stats.blocking(None, NOON - timedelta(hours=24), NOON)

    assert (everything["total_analyses"], everything["processing_times"]["minimum_ms"]) == (4, 10)
    assert his == {
        "total_analyses": 3,
        "status_distribution": {"finished": 2, "ongoing": 1},
        "game_distribution": {"cs2": 2, "csgo": 1},
        "cache_usage": {"cached_analyses": 1, "cache_hit_rate": 33.33},
        "processing_times": {"average_ms": 1500.0, "minimum_ms": 1_000, "maximum_ms": 2_000},
        "period": {"start": None, "end": None},
    }
    period = {"start": "2026-02-28T12:00:00+00:00", "end": "2026-03-01T12:00:00+00:00"}
    assert day == {**his, "period": period}
    with pytest.raises(InvalidInput, match="end_date"):
        repository.get_match_analysis_stats.blocking(None, NOON, NOON - timedelta(hours=1))
    with pytest.raises(InvalidInput, match="start_date"):
        repository.get_match_analysis_stats.blocking(None, datetime(2026, 3, 1))


def test_popular_matches_are_those_of_most_users_the_latest_of_equals_first():
    for match_id, users, hours in (("1-a", 3, 2), ("1-b", 1, 3), ("1-c", 1, 1), ("1-old", 5, 25)):
        for _user in range(users):
            analysed(match_id, hours, competition_name=f"cup {match_id}")

    found = repository.get_popular_matches.blocking(now=NOON)

    assert found[0] == {
        "match_id": "1-a",
        "competition_name": "cup 1-a",
        "map_name": "de_mirage",
        "game": "cs2",
        "analysis_count": 3,
        "latest_analysis": NOON - timedelta(hours=2),
    }
    assert [row["match_id"] for row in found] == ["1-a", "1-c", "1-b"]
    longer = repository.get_popular_matches.blocking(limit=1, hours=48, now=NOON)
    assert [row["match_id"] for row in longer] == ["1-old"]


# ---- Among many


@pytest.fixture
def many():
    """Six thousand analyses of a hundred users over two years, and statistics about them."""
    users = [UserFactory.create() for _ in range(100)]
    now = clock.now()
    statuses = ["ongoing", *["finished"] * 99]
    MatchAnalysis.objects.bulk_create(
        MatchAnalysis(
            user=users[n % 100],
            match_id=f"1-{n // 3}",
            status=statuses[n * 7 % 100],
            map_name=f"de_{n % 9}",
            analysed_at=now - timedelta(hours=3 * n),
            team1_analysis={"players": ["x" * 400]},
        )
        for n in range(6_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE match_analyses")
    return users


def plans(call, *arguments, **options):
    with CaptureQueriesContext(connection) as queries:
        call.blocking(*arguments, **options)
    found = []
    with connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith(("SELECT", "WITH")):
                cursor.execute(f"EXPLAIN {query['sql']}")
                found.append("\n".join(row for (row,) in cursor.fetchall()))
    return found


def cost(plan):
    return float(re.search(r"\.\.([0-9.]+) ", plan).group(1))


def test_hot_queries_use_their_indexes(many):
    user = many[0].pk
    expected = {
        "match_analyses_match_idx": plans(repository.get_by_match_id, "1-77"),
        "match_analyses_user_idx": plans(repository.get_user_analyses, user),
        "match_analyses_status_idx": plans(repository.get_unfinished_matches),
    }
    popular = plans(repository.get_popular_matches, now=clock.now())

    for index, (plan,) in expected.items():
        assert index in plan
        assert "Seq Scan" not in plan
    assert "match_analyses_analysed_idx" in popular[0]
    assert "Seq Scan" not in "".join(popular)


def test_the_plans_would_show_a_missing_index(many):
    """Control: without its index, the look-up reads the whole of another."""
    (right,) = plans(repository.get_by_match_id, "1-77")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX match_analyses_match_idx")

    (plan,) = plans(repository.get_by_match_id, "1-77")

    assert "match_analyses_match_idx" not in plan
    assert cost(plan) > 5 * cost(right)


def test_lists_and_figures_read_no_json_that_they_do_not_give(many):
    with CaptureQueriesContext(connection) as queries:
        repository.get_popular_matches.blocking()
        repository.get_match_analysis_stats.blocking()
        repository.get_unfinished_matches.blocking()
        repository.get_all.blocking(limit=1)  # control: this one gives them

    *figures, rows = [query["sql"] for query in queries]
    assert "team1_analysis" in rows
    assert not any("team1_analysis" in sql or "details" in sql for sql in figures)
