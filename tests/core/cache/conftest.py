"""Fixtures of the cache's tests: a stored value; servers that fail, and processes that work meanwhile."""

from itertools import count

import pytest

from faceitbot.core.cache import registry
from tests.core.cache.faults import Valkey, Worker
from tests.database_faults import own_servers
from users.repositories import UserRepository


@pytest.fixture(autouse=True)
def _redis_alone(request):
    """Let each read ask Redis, which is what most tests here are about; `in_process` has both levels."""
    if "in_process" not in request.fixturenames and request.node.get_closest_marker("django_db"):
        request.getfixturevalue("redis_alone")


@pytest.fixture
def in_process():
    """What this process has read from the server of the players within the last 0.8 s."""
    return registry.server_of("player_cache").state.shelf


@pytest.fixture
async def place():
    """Where the look-up of user 7 lies, who is stored there."""
    repository = UserRepository()
    await repository.create_user(7)
    await repository.get_by_telegram_id(7)
    return UserRepository.get_by_telegram_id.spec.call(repository, (7,), {}).address


@pytest.fixture(scope="package")
def fault_environment():
    """The variables of processes that work on an empty migrated database and a Valkey of their own."""
    with own_servers() as variables:
        yield variables


@pytest.fixture(scope="package")
def _fault_server(fault_environment):
    server = Valkey(fault_environment["REDIS_URL"])
    yield server
    server.end()


@pytest.fixture
def valkey(_fault_server):
    """The Valkey that a test may maltreat; it is empty and well again afterwards."""
    yield _fault_server
    _fault_server.recover()


@pytest.fixture
def memory(request):
    """Megabytes of each started process for what it has just read: none, as in the other tests here."""
    return getattr(request, "param", 0)


@pytest.fixture
def start(fault_environment, valkey, memory):
    """Start processes, each without some protections: `start((), ("doubts",))`."""
    variables = fault_environment | {"CACHE_IN_PROCESS_MB": str(memory)}
    started = []

    def launch(*kinds):
        workers = [Worker(variables, *without) for without in kinds]
        started.extend(workers)
        for worker in workers:
            assert worker.answer() == "ready"
        return workers

    yield launch
    valkey.recover()
    for worker in started:
        worker.close()


_ids = count(1_000, 1_000)


@pytest.fixture
def user_id():
    """A Telegram id of this test's own; the next 999 are as well."""
    return next(_ids)
