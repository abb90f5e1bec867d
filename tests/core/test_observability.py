"""Business events reach the sinks after the commit, and a bad sink hurts nobody."""

import pytest
from django.db import transaction

from faceitbot.core.observability import add_sink, emit, gathered, remove_sink
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def received():
    events = []

    def sink(name, value, tags):
        events.append((name, value, dict(tags)))

    add_sink(sink)
    add_sink(sink)
    yield events
    remove_sink(sink)


async def test_a_method_reports_what_it_did(received):
    await UserRepository().create_user(7, "player", "Nick")
    await UserRepository().create_user(7)
    await UserRepository().create_batch([{"telegram_id": 8}, {"telegram_id": 9}])

    assert received == [("user.created", 1, {}), ("user.created", 2, {})]


def test_an_event_waits_for_the_commit(received):
    with transaction.atomic():
        emit("thing.done", 2.5, {"tier": "pro"})
        assert received == []

    assert received == [("thing.done", 2.5, {"tier": "pro"})]


def test_an_event_of_an_undone_transaction_never_happened(received):
    with transaction.atomic():
        emit("thing.done")
        transaction.set_rollback(True)

    assert received == []


def test_a_sink_that_fails_keeps_nothing_from_the_others(received):
    def broken(name, value, tags):
        raise RuntimeError("broken sink")

    add_sink(broken)
    try:
        emit("thing.done")
    finally:
        remove_sink(broken)
    emit("thing.done")

    assert [name for name, _value, _tags in received] == ["thing.done", "thing.done"]


async def test_an_event_of_a_coroutine_is_reported_at_once(received):
    """An event loop has no transaction, and may not ask a connection for one."""
    emit("thing.done", 2.0)

    assert received == [("thing.done", 2.0, {})]


def test_who_gathers_events_gets_them_at_once_and_the_sinks_do_not(received):
    own = []

    with transaction.atomic(), gathered(lambda name, value, tags: own.append((name, value, tags))):
        emit("thing.done", 2.5, {"tier": "pro"})
        assert own == [("thing.done", 2.5, {"tier": "pro"})]
    emit("thing.done")

    assert own == [("thing.done", 2.5, {"tier": "pro"})]
    assert received == [("thing.done", 1.0, {})]
