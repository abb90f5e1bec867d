"""`manage.py cache_stats` shows what the caches do; `manage.py clear_cache` empties them and nothing else."""

import io
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from faceitbot.core import clock
from faceitbot.core.cache import maintenance, registry, reports
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.registry import server_of
from tests.other_process import ROOT, environment
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = UserRepository()
FOREIGN = (
    "channels:group:payments",
    "channelsspecific.abc!def",
    "default:1:django.contrib.sessions.cacheabc",
    "player_cache",
    "player_cache_of_another_program:1:users:op:1",
    "xplayer_cache:1:users:op:1",
    "celery",
)


def client():
    return server_of("player_cache").client


@pytest.fixture(autouse=True)
def _nothing_counted():
    """Begin without what earlier tests have counted."""
    registry.close_blocking()
    client().delete(*client().scan_iter("*_cache:counters:*"), "none")


def test_misses_of_the_last_hour_are_those_of_its_part_of_two_hours():
    at = datetime(2026, 3, 1, 12, 15, tzinfo=UTC)
    for hour, misses in ((12, 10), (11, 100), (10, 1000)):
        name = f"player_cache:counters:2026-03-01T{hour}"
        client().hset(name, mapping={"misses": misses, "stale": misses, "hits": 5000})

    assert maintenance.misses_of_last_hour("player_cache", at) == 2 * (10 + 75)
    assert maintenance.misses_of_last_hour("match_cache", at) == 0


def test_without_redis_nobody_knows_of_misses(monkeypatch):
    def fail(*_arguments):
        raise ConnectionError("away")

    monkeypatch.setattr(reports, "read", fail)

    assert maintenance.misses_of_last_hour("player_cache") is None


@pytest.fixture
def limited_server():
    """Give what limits the server's memory; take the limit away at the end."""

    def limit(policy, times_used):
        used = client().info()["used_memory"]
        client().config_set("maxmemory-policy", policy)
        client().config_set("maxmemory", round(used * times_used))

    before = client().config_get("maxmemory*")
    yield limit
    client().config_set("maxmemory", before["maxmemory"])
    client().config_set("maxmemory-policy", before["maxmemory-policy"])


@pytest.fixture
def account():
    """Give the name and the password of an account of the server."""
    client().execute_command("ACL", "SETUSER", "operator", "on", ">geheim", "~*", "&*", "+@all")
    yield "operator:geheim"
    client().execute_command("ACL", "DELUSER", "operator")


def said_by(*words):
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


def figures(*words):
    registry.close_blocking()  # has reported
    return json.loads(said_by("cache_stats", "--json", *words))


def run_manage(*words, **variables):
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read(*telegram_ids):
    for telegram_id in telegram_ids:
        repository.get_by_telegram_id.blocking(telegram_id)


# ---- cache_stats


def test_the_reads_of_all_processes_are_summed(redis_alone):
    repository.create_user.blocking(7)
    read(7, 7)
    reading = (
        "from users.repositories import UserRepository as R; print(R().get_by_telegram_id.blocking(7).pk)"
    )

    other = run_manage("shell", "--no-imports", "-c", reading)

    assert other.stdout.strip() == str(repository.get_by_telegram_id.blocking(7).pk), other.stderr
    found = figures()["caches"]["player_cache"]
    memory = found.pop("memory_bytes")
    assert found == {
        "lifetime_seconds": 300,
        "hit_rate_percent": 75.0,
        "counts": {
            "in_process": 0,
            "hits": 3,
            "misses": 1,
            "stale": 0,
            "undecodable": 0,
            "bypassed": 0,
            "shared": 0,
            "refreshed": 0,
            "errors": 0,
            "failed_invalidations": 0,
        },
        "values": 1,
        "values_by_operation": {"users:get_by_telegram_id": 1},
        "stamps": 3,
    }
    assert memory == client().memory_usage(*client().scan_iter("player_cache:*:get_by_telegram_id:7"))


def test_only_the_hours_that_were_asked_for_are_summed():
    for age, hits in ((0, 1), (1, 10), (23, 100), (24, 1000)):
        hour = clock.now() - timedelta(hours=age)
        client().hset(f"player_cache:counters:{hour:%Y-%m-%dT%H}", "hits", hits)

    found = {hours: figures("player_cache", "--hours", hours) for hours in ("1", "2", "24")}

    assert {hours: each["caches"]["player_cache"]["counts"]["hits"] for hours, each in found.items()} == {
        "1": 1,
        "2": 11,
        "24": 111,
    }
    assert found["1"]["since"] == f"{clock.now():%Y-%m-%dT%H}:00:00+00:00"


def test_a_person_reads_figures_with_their_units(redis_alone):
    for user_id in (7, 8):
        repository.create_user.blocking(user_id)
    read(7, 8, 7)
    repository.touch.blocking(7)
    read(7)
    registry.close_blocking()

    lines = said_by("cache_stats", "player_cache", "--hours", "1").splitlines()

    assert lines[:12] == [
        "player_cache: values live up to 300 s",
        f"  hit rate 25.0 % of 4 reads since {clock.now():%Y-%m-%d %H}:00 UTC",
        "    in_process                      0 reads  served from the memory of the process",
        "    hits                             1 read  served from Redis",
        "    misses                          2 reads  nothing there",
        "    stale                            1 read  outdated by a write, or over its time",
        "    undecodable                     0 reads  what lay there was not ours",
        "    bypassed                        0 reads  Redis not asked, or no answer",
        "    shared                          0 reads  waited for another read of the same value",
        "    refreshed                        0 hits  had the value loaded anew ahead of its end",
        "    errors                       0 commands  failed, or not answered in time",
        "    failed_invalidations           0 writes  could not tell Redis at once",
    ]
    assert re.fullmatch(r"  holds 2 values in about \d+ bytes, and 4 stamps", lines[12])
    assert lines[13:15] == ["              2 values  users:get_by_telegram_id", ""]
    assert re.fullmatch(r"server redis://[\w.]+:\d+/\d", lines[15])
    assert re.fullmatch(r"  version \d+\.\d+\.\d+, up for \d+ (min|h|d) \d+ (s|min|h)", lines[16])
    assert re.fullmatch(r"  memory \d+\.\d MiB used without a limit, policy noeviction", lines[17])
    assert re.fullmatch(r"  evicted \d+ keys? since it started", lines[18])
    assert len(lines) == 19


def test_empty_caches_are_called_empty():
    lines = said_by("cache_stats", "--hours", "1").splitlines()

    nothing = [f"  no reads since {clock.now():%Y-%m-%d %H}:00 UTC", "  holds no values, and 0 stamps", ""]
    assert lines[:12] == [
        "player_cache: values live up to 300 s",
        *nothing,
        "match_cache: values live up to 120 s",
        *nothing,
        "stats_cache: switched off",
        *nothing,
    ]
    assert figures()["caches"]["match_cache"]["hit_rate_percent"] is None


@pytest.mark.parametrize(
    ("policy", "times_used", "told"),
    [("noeviction", 1.05, True), ("noeviction", 10, False), ("allkeys-lru", 1.05, False)],
)
def test_a_full_server_is_a_problem_if_it_makes_no_room(limited_server, policy, times_used, told):
    limited_server(policy, times_used)

    said = said_by("cache_stats", "player_cache")

    assert f"policy {policy}\n" in said
    assert ("NOTE: it is full, and noeviction makes no room: nothing new is cached." in said) is told


def test_the_password_of_the_server_is_not_shown(account):
    place = client().connection_pool.connection_kwargs
    server = f"{place['host']}:{place['port']}/{place.get('db', 0)}"

    for words in ([], ["--json"]):
        said = run_manage("cache_stats", *words, REDIS_URL=f"redis://{account}@{server}")

        assert (said.returncode, said.stderr) == (0, "")
        assert f"redis://{server}" in said.stdout
        assert "geheim" not in said.stdout


@pytest.mark.parametrize("hours", ["0", "25", "-1", "1.5", "all", "²"])
def test_other_hours_are_refused(hours):
    with pytest.raises(CommandError, match=f"'{re.escape(hours)}' is not a number of hours from 1 to 24"):
        call_command("cache_stats", f"--hours={hours}")


# ---- clear_cache


def keep_everywhere():
    """Let each alias hold values, and Redis what belongs to others."""
    for alias, number in zip(ALIASES, (3, 2, 1), strict=True):
        for each in range(number):
            client().set(f"{alias}:v1:users:op:{each}", "a value", ex=60)
            client().set(f"{alias}:1:users:stamp:op:{each}", "a stamp", ex=60)
    for name in FOREIGN:
        client().set(name, "not ours", ex=60)


def held():
    names = (name.decode() for name in client().scan_iter("*"))
    return sorted(name for name in names if name in FOREIGN or name.startswith(ALIASES))


def test_all_caches_are_emptied_and_nothing_else_goes():
    keep_everywhere()

    said = said_by("clear_cache")

    assert said == (
        "player_cache: 3 values removed.\nmatch_cache: 2 values removed.\nstats_cache: 1 value removed.\n"
    )
    assert held() == sorted(FOREIGN)
    assert client().mget(FOREIGN) == [b"not ours"] * len(FOREIGN)


def test_one_cache_is_emptied_and_the_others_stay():
    keep_everywhere()

    assert said_by("clear_cache", "match_cache") == "match_cache: 2 values removed.\n"

    left = held()
    assert [name for name in left if name.startswith("match_cache:")] == []
    assert len(left) == 2 * 3 + 2 * 1 + len(FOREIGN)


def test_what_was_counted_stays():
    repository.create_user.blocking(7)
    read(7, 7)
    registry.close_blocking()

    said_by("clear_cache")

    assert figures("player_cache")["caches"]["player_cache"]["hit_rate_percent"] == 50.0


async def test_a_value_that_is_being_loaded_meanwhile_is_not_served():
    assert await repository._get_from_cache("users:favourite_maps:7") is None

    said_by("clear_cache")
    await repository._set_cache("users:favourite_maps:7", {"old": 1}, 60)

    assert await repository._get_from_cache("users:favourite_maps:7") is None


async def test_control_without_the_command_it_is_served():
    assert await repository._get_from_cache("users:favourite_maps:7") is None

    await repository._set_cache("users:favourite_maps:7", {"old": 1}, 60)

    assert await repository._get_from_cache("users:favourite_maps:7") == {"old": 1}


# ---- Both


@pytest.mark.parametrize("command", ["cache_stats", "clear_cache"])
def test_an_unknown_cache_is_refused_with_the_names_of_the_three(command):
    keep_everywhere()
    before = held()

    said = run_manage(command, "players")

    assert (said.returncode, said.stdout) == (2, "")
    assert re.search("'players'.*'player_cache', 'match_cache', 'stats_cache'", said.stderr)
    assert held() == before


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("cache_stats", "The caches cannot be looked at, for Redis failed: ConnectionError: "),
        ("clear_cache", "player_cache was not cleared to its end, for Redis failed: ConnectionError: "),
    ],
)
def test_without_redis_one_sentence_says_so(command, sentence):
    said = run_manage(command, REDIS_URL="redis://:geheim@127.0.0.1:1/0")

    assert (said.returncode, said.stdout) == (3, "")
    assert said.stderr.startswith(f"CommandError: {sentence}")
    assert said.stderr.count("\n") == 1
    assert "geheim" not in said.stderr
