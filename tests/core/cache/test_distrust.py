"""When a process does not trust what lies in Redis: at its start, and when it meets another server."""

import pytest

from faceitbot.core import cache
from faceitbot.core.cache import registry
from faceitbot.core.cache.doubts import MOST, Doubts
from faceitbot.core.cache.keys import row_scope, stamp_name, table_stamp
from tests.core.cache.counted import counted
from tests.eventually import eventually
from users.repositories import UserRepository

repository = UserRepository()
TABLE = stamp_name("player_cache", "users")


def scopes(numbers):
    return [stamp_name("player_cache", "users", row_scope("telegram_id", str(n))) for n in numbers]


@pytest.fixture
def server(monkeypatch):
    """A server whose state is this test's own."""
    found = registry.server_of("player_cache")
    monkeypatch.setattr(found.state, "doubts", Doubts())
    monkeypatch.setattr(found, "_run_id", b"")
    return found


@pytest.mark.django_db(transaction=True)
async def test_a_process_that_starts_reads_each_table_anew_once(server, monkeypatch):
    monkeypatch.setattr(registry, "_every_table_in_doubt", False)
    await repository.create_user(7)
    await repository.get_by_telegram_id(7)

    cache.doubt_everything()

    with counted() as counts:
        await repository.get_by_telegram_id(7)
        await repository.get_by_telegram_id(7)
    assert counts == {"stale": 1, "hits": 1}


@pytest.mark.django_db(transaction=True)
async def test_what_another_server_holds_is_not_served(server):
    """A replica that took over, or a restart from an old snapshot, has forgotten the latest invalidations."""
    await repository.create_user(7)
    await repository.get_by_telegram_id(7)

    server.met(b"redis_version:7\r\nrun_id:two\r\n")
    with counted() as counts:
        await repository.get_by_telegram_id(7)
        await repository.get_by_telegram_id(7)
    assert counts == {"stale": 1, "hits": 1}

    server.met(b"redis_version:7\r\nrun_id:two\r\n")
    with counted() as counts:
        await repository.get_by_telegram_id(7)
    assert counts == {"hits": 1}


def test_many_doubts_become_one_about_the_table():
    doubts = Doubts()
    doubts.add(scopes(range(MOST)))
    assert len(doubts.pending()) == MOST

    doubts.add(scopes([MOST]))

    assert set(doubts.pending()) == {TABLE} == {table_stamp(name) for name in scopes([1])}
    assert set(doubts.among([*scopes([5]), TABLE])) == {TABLE}


def test_many_suspicions_become_a_doubt_about_the_table():
    doubts = Doubts()
    for name in scopes(range(MOST + 1)):
        doubts.suspect(name)

    assert set(doubts.pending()) == {TABLE}
    assert doubts.suspicion(scopes([1])[0]) is None


def test_a_doubt_that_came_meanwhile_is_not_settled_with_the_older_one():
    doubts = Doubts()
    older = doubts.add(scopes([7]))
    doubts.add(scopes([7]))

    doubts.settle(older)

    assert list(doubts.pending()) == scopes([7])


def test_a_suspicion_that_came_meanwhile_is_not_dropped_with_the_older_one():
    doubts, (name,) = Doubts(), scopes([7])
    doubts.suspect(name)
    older = doubts.suspicion(name)
    doubts.suspect(name)

    doubts.clear(name, older)

    assert doubts.suspicion(name) is not None


def test_a_second_restart_is_not_settled_with_the_first():
    doubts = Doubts()
    doubts.add_every_table()
    held = doubts.among([*scopes([7]), TABLE])
    written = doubts.add([TABLE])

    doubts.add_every_table()
    doubts.settle(held)
    doubts.settle(written)

    assert set(doubts.among([*scopes([7]), TABLE])) == {TABLE}


def test_a_doubt_that_is_held_outlasts_the_move_of_its_stamp():
    doubts = Doubts()
    held = doubts.add(scopes([7]), hold_seconds=0.2)

    doubts.settle(held)
    assert list(doubts.pending()) == scopes([7])

    def settled() -> bool:
        doubts.settle(doubts.pending())
        return not doubts.pending()

    eventually(settled, within=5)


def test_a_commit_that_may_still_come_is_in_doubt_when_its_table_stands_for_it():
    doubts = Doubts()
    doubts.add(scopes([0]), hold_seconds=60)

    doubts.add(scopes(range(1, MOST + 1)))
    doubts.settle(doubts.pending())

    assert [*doubts.pending()] == [table_stamp(TABLE)]
    assert [*doubts._until] == [table_stamp(TABLE)]
