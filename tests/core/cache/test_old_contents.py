"""A Redis that comes back with what it held some time ago: noticed, or harmless after the value's time."""

from time import monotonic, time

import pytest

from faceitbot.core.cache.registry import server_of
from tests.core.cache.counted import counted
from tests.eventually import eventually
from users.repositories import UserRepository

pytestmark = pytest.mark.alone

repository = UserRepository()


def stored(worker, user_id):
    """Have a worker's look-up of the user served from Redis; give the version."""

    def is_hit():
        before = worker.ask("counts")["hits"]
        return worker.version(user_id) and worker.ask("counts")["hits"] > before

    eventually(is_hit)
    return worker.version(user_id)


def restart_with_old_contents(valkey, writer, user_id):
    """Write, and restart the server with what it held before."""
    valkey.save()
    assert writer.ask("write", user_id)["version"] == 2
    valkey.kill()
    valkey.start()


@pytest.mark.parametrize("reads", ["reads", "reads_in_a_thread"])
def test_who_knew_the_server_before_is_not_served_what_it_held_then(start, valkey, user_id, reads):
    writer, other = start((), ())
    writer.ask("register", user_id, 1)
    assert [stored(worker, user_id) for worker in (writer, other)] == [1, 1]

    restart_with_old_contents(valkey, writer, user_id)

    for worker in (other, writer):
        assert worker.ask(reads, user_id, 20)["versions"] == [2] * 20
        assert stored(worker, user_id) == 2


def test_control_who_did_not_know_it_is_served_that_until_anybody_has_noticed(start, valkey, user_id):
    writer, newcomer = start((), ("distrust",))
    writer.ask("register", user_id, 1)
    assert stored(writer, user_id) == 1

    restart_with_old_contents(valkey, writer, user_id)

    assert newcomer.ask("reads", user_id, 20)["versions"] == [1] * 20
    assert stored(writer, user_id) == 2
    assert newcomer.ask("reads", user_id, 20)["versions"] == [2] * 20


def test_a_process_that_lives_long_distrusts_what_it_finds_at_its_start(start, valkey, user_id):
    (writer,) = start(())
    writer.ask("register", user_id, 1)
    assert stored(writer, user_id) == 1
    restart_with_old_contents(valkey, writer, user_id)

    (newcomer,) = start(())

    assert newcomer.ask("reads", user_id, 20)["versions"] == [2] * 20


def test_old_contents_that_nobody_has_noticed_are_served_no_longer_than_their_time(
    start, valkey, user_id, report
):
    writer, newcomer = start((), ("distrust",))
    for worker in (writer, newcomer):
        worker.ask("lifetime", 4)
    writer.ask("register", user_id, 1)
    assert writer.version(user_id) == 1
    began = monotonic()
    assert stored(writer, user_id) == 1

    restart_with_old_contents(valkey, writer, user_id)

    assert newcomer.version(user_id) == 1
    eventually(lambda: newcomer.version(user_id) == 2)
    lasted = monotonic() - began
    assert lasted < 4 + 1
    report(f"old contents that nobody noticed were served for {lasted:.1f} s of the 4 s that they live")


@pytest.mark.django_db(transaction=True)
async def test_reads_do_not_prolong_a_value(place):
    redis = server_of("player_cache").client
    redis.pexpire(place.value, 100_000)

    with counted() as counts:
        left = [(await repository.get_by_telegram_id(7), redis.pttl(place.value))[1] for _read in range(20)]

    assert counts == {"hits": 20}
    assert left == sorted(left, reverse=True)
    assert 0 < left[-1] <= left[0] <= 100_000


@pytest.mark.django_db(transaction=True)
async def test_values_and_stamps_all_have_an_end(place):
    redis = server_of("player_cache").client

    left = {name: redis.pttl(name) for name in place}

    assert 290_000 < left.pop(place.value) <= 300_000
    assert all(86_000_000 < ttl <= 86_400_000 for ttl in left.values())


@pytest.mark.django_db(transaction=True)
async def test_a_value_whose_end_redis_has_forgotten_ends_all_the_same(place, monkeypatch):
    """As after RESTORE without a time: the entry itself says until when it may be served."""
    server = server_of("player_cache")
    content = server.client.dump(place.value)
    server.client.restore(place.value, 0, content, replace=True)
    assert server.client.pttl(place.value) == -1

    with counted() as counts:
        await repository.get_by_telegram_id(7)
        monkeypatch.setattr(server.state, "clock", lambda: time() + 301)
        await repository.get_by_telegram_id(7)

    assert counts == {"hits": 1, "stale": 1}
    assert 0 < server.client.pttl(place.value) <= 300_000
