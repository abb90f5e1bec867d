"""A write tells the cache once, after its commit, and is never spoilt by that."""

import pytest
from django.db import transaction

from faceitbot.core.breaker import Breaker
from faceitbot.core.cache import blocking, registry
from faceitbot.core.cache.state import FAILURES, OPEN_SECONDS, WITHIN_SECONDS
from tests.core.cache.counted import counted
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = UserRepository()


@pytest.fixture
def deletions(monkeypatch):
    """Collect the names that are deleted at once."""
    server = registry.server_of("player_cache")
    sent: list[tuple[str, ...]] = []
    ask = server.ask

    def remember(step):
        sent.extend(command[1:] for command in getattr(step, "commands", ()) if command[0] == "DEL")
        return ask(step)

    monkeypatch.setattr(server, "ask", remember)
    return sent


def test_many_writes_of_one_transaction_are_told_at_once(deletions):
    for user_id in (7, 8):
        repository.create_user.blocking(user_id)
    deletions.clear()

    with transaction.atomic():
        for user_id in (7, 8, 7):
            repository.set_waiting_for_nickname.blocking(user_id)

    (names,) = deletions
    assert len(names) == 4  # two users, by id and by Telegram id


def test_a_write_that_was_undone_inside_a_transaction_does_not_take_the_others_along(deletions):
    for user_id in (7, 8):
        repository.create_user.blocking(user_id)
    before = repository.get_by_telegram_id.blocking(8)
    deletions.clear()

    with transaction.atomic():
        with transaction.atomic():
            repository.set_waiting_for_nickname.blocking(7)
            transaction.set_rollback(True)
        repository.set_waiting_for_nickname.blocking(8)

    assert len(deletions) == 1
    assert not before.waiting_for_nickname
    assert repository.get_by_telegram_id.blocking(8).waiting_for_nickname


def test_a_bug_of_the_cache_does_not_spoil_a_write_nor_what_follows_it(monkeypatch):
    repository.create_user.blocking(7)
    after = []

    def broken(*_arguments):
        raise LookupError("a bug")

    monkeypatch.setattr(blocking, "drive", broken)
    with transaction.atomic():
        repository.set_waiting_for_nickname.blocking(7)
        transaction.on_commit(lambda: after.append("told"))

    assert after == ["told"]
    monkeypatch.undo()
    assert repository.get_by_telegram_id.blocking(7).waiting_for_nickname


@pytest.mark.parametrize("answer", [b"OK", 1, None, [b"one"], [1, 2, 3, 4]])
def test_a_peer_that_is_no_redis_is_a_miss(monkeypatch, answer):
    """It answers, but by something that the command does not have."""
    repository.create_user.blocking(7)
    server = registry.server_of("player_cache")
    monkeypatch.setattr(server.state, "breaker", Breaker(FAILURES, WITHIN_SECONDS, OPEN_SECONDS))
    monkeypatch.setattr(server.client, "execute_command", lambda *_arguments: answer)

    with counted() as counts:
        assert repository.get_by_telegram_id.blocking(7).telegram_id == 7

    assert counts["bypassed"] == 1
