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
    """Make players with figures on all maps, as `cache_multiple_players` leaves them.

    Two of three have expired; of the maps, some have fewer than five matches, and some no figure.
    """
    live, expired = clock.now() + timedelta(hours=1), clock.now() - timedelta(hours=1)
    relax_timeouts(using=DEFAULT_DB_ALIAS)
    with connection.cursor() as cursor:
        # What is not on disk yet is not known to be seen by everybody, and an index alone would not do.
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(
            "INSERT INTO player_stats (id, player_id, nickname, game, expires_at, created_at, updated_at,"
            " recent_form, match_history_stats, map_performance, weapon_preferences, clutch_stats, lifetime)"
            " SELECT gen_random_uuid(), 'p' || n, 'nick' || n, 'cs2',"
            " CASE n %% 3 WHEN 0 THEN %s::timestamptz ELSE %s::timestamptz END, now(), now(),"
            " '', '{}', '{}', '{}', '{}', '{}' FROM generate_series(1, %s) AS n",
            [live, expired, count],
        )
        cursor.execute(
            "INSERT INTO player_map_stats"
            " (card_id, map_name, game, matches, winrate, avg_rating, avg_kd, avg_adr, expires_at)"
            " SELECT id, map_name, 'cs2', 1 + random() * 40,"
            " CASE WHEN random() > 0.1 THEN round(random()::numeric * 100, 2) END,"
            " CASE WHEN random() > 0.2 THEN round(0.7 + random()::numeric * 0.6, 2) END,"
            " CASE WHEN random() > 0.3 THEN round(0.7 + random()::numeric * 0.6, 2) END,"
            " round(60 + random()::numeric * 30, 1), expires_at"
            " FROM player_stats, unnest(%s::varchar[]) AS map_name",
            [list(MAPS)],
        )
        cursor.execute("VACUUM ANALYZE player_stats")
        cursor.execute("VACUUM ANALYZE player_map_stats")
        cursor.execute("RESET synchronous_commit")
    restore_timeouts(using=DEFAULT_DB_ALIAS)


def mean_by_hand(rows, column):
    """Give the mean of a figure by matches, over the players that have it."""
    known = [row for row in rows if row[column] is not None]
    assert 0 < len(known) < len(rows)
    return fsum(row[0] * row[column] for row in known) / sum(row[0] for row in known)


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

    columns = ("matches", "winrate", "avg_rating", "avg_kd")
    everybody = PlayerMapStats.objects.filter(map_name="de_mirage").select_related("card")
    counted = [row for row in everybody if row.card.expires_at > clock.now() and row.matches >= 5]
    rows = [tuple(getattr(row, name) for name in columns) for row in counted]
    assert found["total_players"] == len(rows) < players / 3
    assert players == PlayerStatsCache.objects.count()
    means_by_hand = [mean_by_hand(rows, column) for column in (1, 2, 3)]
    assert list(found["aggregated"].values()) == pytest.approx(means_by_hand, abs=0.006)
    best_by_hand = sorted((row[2] for row in rows if row[2] is not None), reverse=True)
    assert [each["avg_rating"] for each in found["stats"]] == best_by_hand[:50]
    assert found.keys() == stats.get_map_performance_stats.blocking("de_train").keys()
    if full_size:
        report(means)
        report(best)
    report(f"{players} players: {median(took):.1f} ms, median of {len(took)}, at most {max(took):.1f} ms")
    assert "Index Only Scan using player_map_stats_means_idx" in means
    assert "player_map_stats_best_idx" in best
    if full_size:
        assert median(took) < MOST_MILLISECONDS
