"""A stored match is served until its time, never after, and each look-up counts."""

import asyncio
from datetime import timedelta

import pytest
import structlog
from django.db import connection
from django.test.utils import CaptureQueriesContext

import faceitbot
from faceitbot.core import clock
from faceitbot.core.cache.registry import server_of
from faceitbot.core.errors import DatabaseUnavailable, InvalidInput
from faceitbot.core.integrity import invariants
from matches import accesses as counting
from matches.models import MatchCache, MatchCacheUse
from matches.repositories import MatchCacheRepository
from matches.repositories import bodies as storing
from tests.core.cache.counted import counted
from tests.eventually import eventually
from tests.matches.made import match_body
from tests.threads import in_a_thread

repository = MatchCacheRepository()


def keys_in_redis():
    names = server_of("match_cache").client.keys("match_cache:*:get_cached_match:*")
    return [name for name in names if b":stamp:" not in name]


async def test_a_stored_match_is_found_until_its_time(both_ways):
    now = clock.now()
    stored = await repository.cache_match_data("1-match", match_body(), {"rounds": []}, 30, now=now)

    assert stored.expires_at == now + timedelta(minutes=30)
    assert (await repository.get_cached_match("1-match")).match_stats == {"rounds": []}
    assert await repository.get_cached_match("1-match", now=now + timedelta(minutes=30)) is None
    assert await repository.get_cached_match("1-other") is None


async def test_storing_over_what_is_past_its_time_works(both_ways):
    long_ago = clock.now() - timedelta(hours=2)
    old = await repository.cache_match_data("1-match", {"old": True}, {"old": True}, now=long_ago)
    assert await repository.get_cached_match("1-match") is None

    await repository.cache_match_data("1-match", match_body())

    found = await repository.get_cached_match("1-match")
    assert (found.pk, found.match_data, found.match_stats) == (old.pk, match_body(), None)
    assert await repository.count() == 1


async def test_statistics_that_are_good_stay_when_only_the_match_is_stored_again(both_ways):
    await repository.cache_match_data("1-match", match_body(), {"rounds": [1]})

    await repository.cache_match_data("1-match", match_body(status="ONGOING"))

    found = await repository.get_cached_match("1-match")
    assert (found.match_data["status"], found.match_stats) == ("ONGOING", {"rounds": [1]})


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_alone")
async def test_redis_does_not_serve_a_match_past_its_time(monkeypatch):
    """It lies in Redis still: nothing but its own end keeps it from being served."""
    await repository.cache_match_data("1-match", match_body(), ttl_minutes=1)
    with counted("match_cache") as counts:
        assert await repository.get_cached_match("1-match") is not None
        assert await repository.get_cached_match("1-match") is not None
    assert counts == {"misses": 1, "hits": 1}
    state, later = server_of("match_cache").state, clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(state, "clock", later.timestamp)
    monkeypatch.setattr("faceitbot.core.clock.now", lambda: later)
    assert keys_in_redis()

    with counted("match_cache") as counts:
        assert await repository.get_cached_match("1-match") is None

    assert counts == {"stale": 1}


@pytest.mark.django_db(transaction=True)
async def test_redis_keeps_a_match_no_longer_than_it_is_good():
    almost_over = clock.now() - timedelta(minutes=29, seconds=30)
    await repository.cache_match_data("1-match", match_body(), now=almost_over)
    await repository.get_cached_match("1-match")

    (key,) = keys_in_redis()

    assert 0 < server_of("match_cache").client.ttl(key) <= 30


@pytest.mark.django_db(transaction=True)
async def test_fifty_who_store_one_match_store_one():
    await asyncio.gather(*(repository.cache_match_data("1-match", match_body(number=n)) for n in range(50)))

    assert await repository.count() == 1


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("", {}), "match_id"),
        (("1-match", []), "match_data"),
        (("1-match", None), "match_data"),
        (("1-match", {"a": [float("inf")]}), "match_data.a[0]"),
        (("1-match", {"a": "x" * 1_000_000}), "match_data"),
        (("1-match", {}, []), "match_stats"),
        (("1-match", {}, {"a": "\x00"}), "match_stats.a"),
        (("1-match", {}, None, 0), "ttl_minutes"),
        (("1-match", {}, None, True), "ttl_minutes"),
    ],
)
async def test_what_cannot_be_stored_is_refused_by_its_path(both_ways, arguments, path):
    with pytest.raises(InvalidInput) as caught:
        await repository.cache_match_data(*arguments)

    assert caught.value.context["field"] == path
    assert await repository.count() == 0


async def test_cleaning_deletes_what_is_past_its_time_and_nothing_else(both_ways):
    now = clock.now()
    for number in range(5):
        await repository.cache_match_data(f"1-{number}", {}, now=now - timedelta(minutes=20 * number))

    assert await repository.cleanup_expired_cache(dry_run=True, now=now) == 3
    assert await repository.count() == 5
    assert await repository.cleanup_expired_cache(now=now) == 3

    assert [row.match_id for row in await repository.get_all(order_by="match_id")] == ["1-0", "1-1"]
    assert await repository.cleanup_expired_cache(now=now) == 0


@pytest.mark.django_db
def test_cleaning_goes_on_batch_by_batch(monkeypatch):
    monkeypatch.setattr(storing, "BATCH", 2)
    long_ago = clock.now() - timedelta(days=2)
    for number in range(5):
        repository.cache_match_data.blocking(f"1-{number}", {}, now=long_ago)
    (claim,) = [found for found in invariants() if found.name == "stored_matches_go_in_time"]
    assert len(list(claim.find())) == 5

    assert repository.cleanup_expired_cache.blocking() == 5

    assert list(claim.find()) == []


# ---- Look-ups count


def stored_counts():
    rows = MatchCache.objects.order_by("match_id").values_list("match_id", "access_count")
    use = MatchCacheUse.objects.values_list("hits", "misses")
    return dict(rows), list(use)


async def test_look_ups_are_counted_without_a_write_for_each(both_ways):
    await repository.cache_match_data("1-a", {})
    await repository.cache_match_data("1-b", {})
    for match_id in ("1-a", "1-a", "1-b", "1-none"):
        await repository.get_cached_match(match_id)
    assert (await repository.get_by_id((await repository.find_one({"match_id": "1-a"})).pk)).access_count == 0

    figures = await repository.get_cache_stats(fresh=True)
    written = await repository.flush_accesses()

    assert written == 2
    assert figures == await repository.get_cache_stats(fresh=True)
    assert figures == {
        "total_entries": 2,
        "active_entries": 2,
        "expired_entries": 0,
        "total_accesses": 3,
        "average_accesses": 1.5,
        "most_accessed": [
            {"match_id": "1-a", "access_count": 2},
            {"match_id": "1-b", "access_count": 1},
        ],
        "cache_hit_rate": 75.0,
    }
    await repository.get_cached_match("1-a")
    found = await repository.find_one({"match_id": "1-a"})
    assert (found.access_count, found.last_accessed_at is not None) == (2, True)
    assert await repository.flush_accesses() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_alone")
async def test_writing_the_counts_leaves_the_cached_matches_where_they_are():
    await repository.cache_match_data("1-a", match_body())
    await repository.get_cached_match("1-a")

    assert await repository.flush_accesses() == 1

    with counted("match_cache") as counts:
        await repository.get_cached_match("1-a")
    assert counts == {"hits": 1}


@pytest.mark.django_db
def test_a_look_up_reads_and_does_not_write():
    repository.cache_match_data.blocking("1-a", {})

    with CaptureQueriesContext(connection) as queries:
        repository.get_cached_match.blocking("1-a")

    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


@pytest.mark.django_db
def test_figures_of_nothing_have_the_same_keys():
    assert repository.get_cache_stats.blocking() == {
        "total_entries": 0,
        "active_entries": 0,
        "expired_entries": 0,
        "total_accesses": 0,
        "average_accesses": 0.0,
        "most_accessed": [],
        "cache_hit_rate": 0.0,
    }


@pytest.mark.django_db(transaction=True)
async def test_counts_are_written_by_a_look_up_once_it_is_time(monkeypatch):
    monkeypatch.setattr(counting, "WRITTEN_AFTER_SECONDS", 0)
    await repository.cache_match_data("1-a", {})

    await repository.get_cached_match("1-a")

    def written():
        return stored_counts() == ({"1-a": 1}, [(1, 0)])

    await in_a_thread(eventually, written, within=5)


@pytest.mark.django_db(transaction=True)
async def test_counts_are_written_when_the_process_closes():
    await repository.cache_match_data("1-a", {})
    await repository.get_cached_match("1-a")
    await repository.get_cached_match("1-none")

    await faceitbot.close()

    assert (await repository.find_one({"match_id": "1-a"})).access_count == 1
    assert not counting.accesses.snapshot()


@pytest.mark.django_db
def test_counts_that_cannot_be_written_are_kept(monkeypatch):
    repository.cache_match_data.blocking("1-a", {})
    repository.get_cached_match.blocking("1-a")

    def fail(_counts):
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(storing, "add_up", fail)
    with structlog.testing.capture_logs() as logged:
        storing.write_accesses()
    assert [entry["event"] for entry in logged] == ["call.failed", "match_cache.counts_wait"]
    monkeypatch.undo()
    repository.get_cached_match.blocking("1-a")
    storing.write_accesses()

    assert stored_counts() == ({"1-a": 2}, [(2, 0)])


def test_counts_that_cannot_be_written_are_tried_again_after_a_while_however_many(monkeypatch):
    """Each attempt takes a place in the queue, which others need while the database is away."""
    monkeypatch.setattr(counting, "WRITTEN_AT", 2)
    held = counting.Accesses()

    def due(now):
        return [held.note(match_id, now) for match_id in ("1-a", "1-b", "1-c", None) * 3].count(True)

    assert due(100.0) == 1, "the second match makes it time, even where nobody takes the counts yet"
    held.put_back(held.take())
    assert due(101.0) == 0
    assert due(111.0) == 1
    held.take()
    assert due(112.0) == 1, "what was written begins anew"


def test_counts_are_bounded(monkeypatch):
    monkeypatch.setattr(counting, "MOST_MATCHES", 2)
    monkeypatch.setattr(counting, "WRITTEN_AT", 2)
    held = counting.Accesses()

    due = [held.note(match_id) for match_id in ("1-a", "1-a", "1-b", "1-c", None)]

    counts = held.take()
    assert due == [False, False, True, False, False]
    assert (counts.hits, counts.misses, sorted(counts.matches)) == (4, 1, ["1-a", "1-b"])
    assert not held.take()
