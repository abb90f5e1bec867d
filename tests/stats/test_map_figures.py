"""A map is described in the database, from an index, however many players there are."""

import time
from datetime import timedelta
from math import fsum
from statistics import median

import pytest
from django.db import DEFAULT_DB_ALIAS, connection
from django.test.utils import CaptureQueriesContext

from faceitbot.core import clock
from faceitbot.core.migrating import relax_timeouts, restore_timeouts
from stats.models import PlayerMapStats, PlayerStatsCache
from stats.repositories import StatsRepository

pytestmark = pytest.mark.django_db(transaction=True)

stats = StatsRepository()
MAPS = ("de_ancient", "de_anubis", "de_dust2", "de_inferno", "de_mirage", "de_nuke", "de_overpass")
MOST_MILLISECONDS = 100


def make_players(count):
    """Make players with figures on three maps, as `cache_multiple_players` leaves them."""
    ends = clock.now() + timedelta(hours=1)
    relax_timeouts(using=DEFAULT_DB_ALIAS)
    with connection.cursor() as cursor:
        # What is not on disk yet is not known to be seen by everybody, and an index alone would not do.
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(
            "INSERT INTO player_stats (id, player_id, nickname, game, expires_at, created_at, updated_at,"
            " recent_form, match_history_stats, map_performance, weapon_preferences, clutch_stats, lifetime)"
            " SELECT gen_random_uuid(), 'p' || n, 'nick' || n, 'cs2', %s, now(), now(),"
            " '', '{}', '{}', '{}', '{}', '{}' FROM generate_series(1, %s) AS n",
            [ends, count],
        )
        cursor.execute(
            "INSERT INTO player_map_stats"
            " (card_id, map_name, game, matches, winrate, avg_rating, avg_kd, avg_adr, expires_at)"
            " SELECT id, map_name, 'cs2', 5 + random() * 90, round(random()::numeric * 100, 2),"
            " round(0.7 + random()::numeric * 0.6, 2), round(0.7 + random()::numeric * 0.6, 2),"
            " round(60 + random()::numeric * 30, 1), expires_at"
            " FROM player_stats, unnest(%s::varchar[]) AS map_name",
            [list(MAPS)],
        )
        cursor.execute("VACUUM ANALYZE player_stats")
        cursor.execute("VACUUM ANALYZE player_map_stats")
        cursor.execute("RESET synchronous_commit")
    restore_timeouts(using=DEFAULT_DB_ALIAS)


def plans_of(statements):
    plans = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return plans


@pytest.mark.proof("map_figures")
def test_a_map_is_described_from_an_index_in_no_time(full_size, report):
    players = 100_000 if full_size else 3_000
    make_players(players)

    with CaptureQueriesContext(connection) as captured:
        found = stats.get_map_performance_stats.blocking("Mirage")
    took = []
    for _time in range(15):
        began = time.perf_counter()
        stats.get_map_performance_stats.blocking("Mirage")
        took.append((time.perf_counter() - began) * 1000)
    means, best = plans_of(query["sql"] for query in captured)

    rows = list(
        PlayerMapStats.objects.filter(map_name="de_mirage").values_list(
            "matches", "winrate", "avg_rating", "avg_kd"
        )
    )
    matches = sum(row[0] for row in rows)
    assert found["total_players"] == len(rows) == players == PlayerStatsCache.objects.count()
    means_by_hand = [fsum(row[0] * row[column] for row in rows) / matches for column in (1, 2, 3)]
    assert list(found["aggregated"].values()) == pytest.approx(means_by_hand, abs=0.006)
    assert found["top_performers"][0]["avg_rating"] == max(row[2] for row in rows)
    assert found.keys() == stats.get_map_performance_stats.blocking("de_train").keys()
    if full_size:
        report(means)
        report(best)
    report(f"{players} players: {median(took):.1f} ms, median of {len(took)}, at most {max(took):.1f} ms")
    assert "Index Only Scan using player_map_stats_means_idx" in means
    assert "player_map_stats_best_idx" in best
    if full_size:
        assert median(took) < MOST_MILLISECONDS
