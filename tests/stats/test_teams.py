"""A team's cards: one query cold, one round trip warm, and never one that has expired."""

from datetime import timedelta

import pytest

from faceitbot.core import atomically, clock
from faceitbot.core.cache import state
from faceitbot.core.cache.codec import codec_of
from faceitbot.core.cache.link import Link
from faceitbot.core.cache.registry import counters_of, server_of
from faceitbot.core.errors import InvalidInput
from stats.models import PlayerStatsCache
from stats.repositories import StatsRepository
from tests.core.cache.counted import counted
from tests.core.cache.listening import listened
from tests.stats.statements import statements
from tests.threads import in_a_thread

pytestmark = pytest.mark.django_db(transaction=True)

stats = StatsRepository()
TEAM = [f"player-{number}" for number in (3, 1, 5, 2, 4)]


async def cache_team(**options):
    players = [{"player_id": key, "nickname": f"nick {key}", "faceit_elo": 1500} for key in sorted(TEAM)]
    return await stats.cache_multiple_players(players, **options)


def noted(monkeypatch, owner, name):
    """Give the arguments of the calls to come."""
    calls, function = [], getattr(owner, name)

    def call(*arguments):
        calls.append(arguments)
        return function(*arguments)

    monkeypatch.setattr(owner, name, call)
    return calls


def ids(rows):
    return [row.player_id for row in rows]


def about_cards(commands):
    """Give what Redis was asked about cards; other threads of the process talk to it, too."""
    return [words[0] for words in commands if "player_stats" in " ".join(words)]


async def test_five_cards_take_one_query_cold_and_one_round_trip_warm():
    await cache_team()

    with statements() as cold_statements, listened() as cold_commands, counted() as cold:
        first = await stats.get_team_stats(TEAM)
    with statements() as hot_statements, listened() as hot_commands, counted() as hot:
        second = await stats.get_team_stats(TEAM)
    server_of("player_cache").state.shelf.clear()
    with statements() as warm_statements, listened() as warm_commands, counted() as warm:
        third = await stats.get_team_stats(TEAM)

    assert ids(first) == ids(second) == ids(third) == TEAM
    one, *others = ([vars(row) | {"_state": 0} for row in rows] for rows in (first, second, third))
    assert others == [one, one]
    assert (cold, warm, hot) == ({"misses": 5}, {"hits": 5}, {"in_process": 5})
    assert (len(cold_statements), len(warm_statements), len(hot_statements)) == (1, 0, 0)
    assert (about_cards(warm_commands), about_cards(hot_commands)) == (["MGET"], [])
    assert about_cards(cold_commands).count("EVAL") == 5


async def test_what_is_asked_for_is_cleaned_once_and_counted_at_once(monkeypatch):
    await cache_team()
    await stats.get_team_stats(TEAM)
    spec, counters = StatsRepository.get_player_stats.spec, counters_of("player_cache")
    cleaned, added = noted(monkeypatch, spec, "_clean"), noted(monkeypatch, counters, "add")

    await stats.get_team_stats(TEAM)

    assert cleaned == [(key,) for key in TEAM]
    assert added == [("in_process", 5)]


async def test_what_a_cold_team_writes_to_redis_is_one_request_at_a_time(monkeypatch):
    asked = noted(monkeypatch, Link, "_run_all")
    await cache_team()
    asked.clear()

    await stats.get_team_stats(TEAM)

    assert [[len(runs) for runs in requests] for _link, requests in asked] == [[5], [5]]  # stamps, cards


async def test_what_has_just_been_loaded_is_not_decoded(monkeypatch):
    await cache_team()
    decoded = noted(monkeypatch, codec_of(PlayerStatsCache), "decode")

    loaded = await stats.get_team_stats(TEAM)
    assert decoded == []
    in_process = await stats.get_team_stats(TEAM)

    assert len(decoded) == len(in_process) == 5
    assert not {id(row) for row in loaded} & {id(row) for row in in_process}


@pytest.mark.usefixtures("redis_alone")
async def test_who_calls_in_a_thread_needs_no_more():
    await cache_team()

    def read():
        return stats.get_team_stats.blocking(TEAM)

    with statements() as cold_statements, listened() as cold_commands:
        first = await in_a_thread(read)
    with statements() as warm_statements, listened() as warm_commands:
        second = await in_a_thread(read)

    assert ids(first) == ids(second) == TEAM
    assert (len(cold_statements), len(warm_statements)) == (1, 0)
    assert about_cards(warm_commands) == ["MGET"]
    assert about_cards(cold_commands).count("EVAL") == 5


async def test_only_what_is_not_kept_is_asked_of_the_database():
    await cache_team()
    one = await stats.get_player_stats(TEAM[1])

    with counted() as counts, statements() as asked:
        rows = await stats.get_team_stats(TEAM)

    assert counts == {"in_process": 1, "misses": 4}
    assert len(asked) == 1
    assert ids(rows) == TEAM
    assert rows[1] == one
    with counted() as counts:
        assert await stats.get_player_stats(TEAM[0]) == rows[0]
    assert counts == {"in_process": 1}


async def test_unknown_players_are_left_out_and_remembered_as_such():
    await cache_team()
    asked = ["nobody", TEAM[0], "no one", TEAM[1], TEAM[0]]

    assert ids(await stats.get_team_stats(asked)) == TEAM[:2]
    with counted() as counts:
        assert ids(await stats.get_team_stats(asked)) == TEAM[:2]
    assert counts == {"in_process": 4}

    await stats.cache_player_stats("nobody", "Somebody", {})

    assert ids(await stats.get_team_stats(asked)) == ["nobody", *TEAM[:2]]


async def test_a_write_of_one_card_is_seen_in_the_team():
    await cache_team()
    await stats.get_team_stats(TEAM)

    await stats.cache_player_stats(TEAM[2], "renamed", {"faceit_elo": 1600})

    with counted() as counts:
        rows = await stats.get_team_stats(TEAM)
    assert counts == {"stale": 1, "in_process": 4}
    assert [row.faceit_elo for row in rows] == [1500, 1500, 1600, 1500, 1500]


@pytest.mark.usefixtures("redis_alone")
async def test_an_expired_card_is_not_given_although_redis_holds_it(monkeypatch):
    await cache_team(ttl_minutes=1)
    await stats.get_team_stats(TEAM)
    await stats.get_player_stats(TEAM[0])
    client = server_of("player_cache").client
    found = client.keys("player_cache:*:player_stats:get_player_stats:*")
    held = {name: client.get(name) for name in found}
    later = clock.now() + timedelta(minutes=2)
    for name in held:
        client.persist(name)  # Redis does not let them go in time
    monkeypatch.setattr(server_of("player_cache").state, "clock", later.timestamp)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert await stats.get_team_stats(TEAM) == []
    assert await stats.get_player_stats(TEAM[0]) is None

    assert len(held) == len(TEAM)
    assert all(value for value in held.values())


async def test_inside_a_transaction_the_database_is_asked():
    await cache_team()
    await stats.get_team_stats(TEAM)

    def change():
        stats.cache_player_stats.blocking(TEAM[0], "mine", {"faceit_elo": 1999})
        return [row.faceit_elo for row in stats.get_team_stats.blocking(TEAM)]

    assert await atomically(change) == [1999, 1500, 1500, 1500, 1500]
    assert [row.faceit_elo for row in await stats.get_team_stats(TEAM)] == [1999, 1500, 1500, 1500, 1500]


@pytest.mark.usefixtures("redis_alone")
async def test_without_redis_the_answer_is_the_same(monkeypatch):
    await cache_team()
    await stats.get_team_stats(TEAM)
    monkeypatch.setattr(state.State, "is_usable", lambda _state: False)

    with counted() as counts, statements() as asked:
        assert ids(await stats.get_team_stats(TEAM)) == TEAM

    assert counts == {"bypassed": 5}
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [("player-1", "player_ids"), (None, "player_ids"), (["x", 7], "player_id"), ([[]], "player_id")],
)
async def test_what_is_no_list_of_players_is_refused(wrong, field):
    with pytest.raises(InvalidInput) as refused:
        await stats.get_team_stats(wrong)

    assert refused.value.context["field"] == field


async def test_more_players_than_anybody_has_are_refused():
    with pytest.raises(InvalidInput, match="1000 players"):
        await stats.get_team_stats([f"p{number}" for number in range(1001)])
    assert await stats.get_team_stats([]) == []


async def test_too_many_are_refused_whatever_is_known_of_them():
    await cache_team()
    await stats.get_team_stats(TEAM)

    with pytest.raises(InvalidInput, match="1000 players at most"):
        await stats.get_team_stats([*TEAM, *(f"p{number}" for number in range(996))])
