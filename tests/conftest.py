"""Fixtures of the whole suite: how tests meet the database, and the two sizes of a proof.

An ordinary test with `django_db` runs in a transaction that is rolled back; repository methods then run on
its own connection. A test with `django_db(transaction=True)` commits and uses the real threads and pools.
"""

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase

from faceitbot.core import transactions
from faceitbot.core.breaker import Breaker
from faceitbot.core.cache import call, configuration, link, maintenance, registry
from faceitbot.core.cache.doubts import Doubts
from faceitbot.core.cache.link import close_links
from faceitbot.core.cache.state import FAILURES, OPEN_SECONDS, WITHIN_SECONDS, CacheUnavailable
from faceitbot.core.monitoring import errors
from faceitbot.core.monitoring.floods import Flood
from faceitbot.core.statements import close_line
from faceitbot.core.workers import on_this_connection
from matches.accesses import accesses
from tests.emptying import create_plans, empty_database
from tests.eventually import eventually
from tests.scheduling import LongestFirst, place_of
from tests.threads import Threads

MOST_SECONDS_OF_REDIS = 10.0
_threads = Threads()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--proof", metavar="NAME", help="run only the proof of this name, in full size")


def pytest_configure(config: pytest.Config) -> None:
    connection_created.connect(_threads.note)
    _give_each_worker_its_own_redis()
    _let_redis_take_its_time()
    TransactionTestCase._fixture_teardown = empty_database  # type: ignore[attr-defined]
    # Pages must render without `collectstatic`, and logins need no slow password hash.
    django_settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.SECURE_SSL_REDIRECT = False
    # Most tests read the texts as they stand in the sources; tests/russian has those about the translation.
    django_settings.LANGUAGE_CODE = "en"
    # Most tests sign in by a password alone; those about the second factor ask for it.
    django_settings.STAFF_TOTP = False
    # What tests report is written before they go on; those about the waiting metrics let them wait.
    django_settings.METRICS_IMMEDIATE = True
    # Figures are made anew each time; the tests about their caching switch it on.
    django_settings.CACHES["stats_cache"]["TIMEOUT"] = 0


def _give_each_worker_its_own_redis() -> None:
    """Number the database of Redis like the worker; pytest-django does so with the one of PostgreSQL."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        return
    server = django_settings.REDIS_URL.rpartition("/")[0]
    url = f"{server}/{int(worker.removeprefix('gw')) + 1}"
    os.environ["REDIS_URL"] = django_settings.REDIS_URL = url  # for other processes too
    for cache in django_settings.CACHES.values():
        cache["LOCATION"] = url


def _let_redis_take_its_time() -> None:
    """Keep a busy machine from sending reads past Redis; its limits are tested in processes apart."""
    for module, name in ((link, "ANSWER_SECONDS"), (link, "CALL_SECONDS"), (call, "CALL_SECONDS")):
        setattr(module, name, MOST_SECONDS_OF_REDIS)
    for alias in configuration.ALIASES:
        django_settings.CACHES[alias]["OPTIONS"] |= {
            "SOCKET_TIMEOUT": MOST_SECONDS_OF_REDIS,
            "SOCKET_CONNECT_TIMEOUT": MOST_SECONDS_OF_REDIS,
        }


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files unread that have none of the few tests that are asked for: all take half a minute."""
    wanted = "mark.proof(" if config.getoption("--proof") else "mark.alone"
    few = config.getoption("--proof") or config.option.markexpr == "alone"
    if few and collection_path.name.startswith("test_"):
        return wanted not in collection_path.read_text(encoding="utf-8") or None
    return None


@pytest.hookimpl(trylast=True)  # pytest-django has an order of its own
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: place_of(item.nodeid))
    wanted = config.getoption("--proof")
    if wanted is None:
        return
    proofs = {mark.args[0] for item in items for mark in item.iter_markers("proof")}
    if wanted not in proofs:
        raise pytest.UsageError(f"there is no proof {wanted!r}; there are: {', '.join(sorted(proofs))}")
    chosen = [item for item in items if any(mark.args[0] == wanted for mark in item.iter_markers("proof"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LongestFirst | None:
    return LongestFirst(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Fail a test whose threads have ended without giving their connections back."""
    try:
        yield
    finally:
        lost = _threads.lost()
    if lost:
        pytest.fail(f"lost the connections of {', '.join(lost)}: see tests/threads.py", pytrace=False)


@pytest.fixture(scope="session")
def full_size(pytestconfig: pytest.Config) -> bool:
    """Whether a proof runs in its full size (`python3 dev.py prove NAME`)."""
    return pytestconfig.getoption("--proof") is not None


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Print the figures of a proof, past pytest's capture."""
    capture = pytestconfig.pluginmanager.get_plugin("capturemanager")
    assert capture is not None

    def tell(text: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"  {text}\n")

    return tell


@pytest.fixture(scope="session", autouse=True)
def _closed_pools(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close every pooled connection before the test database is dropped."""
    has_database = any(item.get_closest_marker("django_db") for item in request.session.items)
    if has_database:
        request.getfixturevalue("django_db_setup")
    yield
    transactions.shutdown()
    registry.close_blocking()
    if has_database:
        with request.getfixturevalue("django_db_blocker").unblock():
            _end_forgotten_sessions()


def _end_forgotten_sessions() -> None:
    """End what threads of tests have left open, and say so: a database in use cannot be dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, query, pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        for state, query, _ended in cursor.fetchall():
            sys.stderr.write(f"A session was left open ({state}): {query}\n")


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Give tests with committed data an empty cache; those that roll back do not meet it."""
    marker = request.node.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction"):
        for alias in configuration.ALIASES:
            state = registry.server_of(alias).state
            # A machine that was too busy for a test before must not keep Redis from this one.
            state.breaker, state.answers = Breaker(FAILURES, WITHIN_SECONDS, OPEN_SECONDS), True
            state.doubts = Doubts()
            state.shelf._unsure.clear()  # a lost COMMIT of a test before is of no row of this one
            eventually(partial(_cleared, alias))
        if request.node.get_closest_marker("asyncio"):
            request.getfixturevalue("closed_links")


@pytest.fixture(autouse=True)
def _memories_of_this_test_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the look-ups of stored matches, and the errors in the log, of other tests in this process."""
    accesses.take()
    monkeypatch.setattr(errors, "_flood", Flood())


@pytest.fixture
def redis_alone(_empty_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each read ask Redis: nothing is kept in this process, nor in those that the test starts."""
    monkeypatch.setenv("CACHE_IN_PROCESS_MB", "0")
    for alias in configuration.ALIASES:
        monkeypatch.setattr(registry.server_of(alias).state.shelf, "most_bytes", 0)


def _cleared(alias: str) -> bool:
    try:
        maintenance.clear(alias)
    except CacheUnavailable:  # a busy machine, as above
        return False
    return True


@pytest.fixture(autouse=True)
def _plans(request: pytest.FixtureRequest, _empty_cache: None) -> None:
    """Give each test the plans of a new installation: a flush of the database takes them too."""
    marker = request.node.get_closest_marker("django_db")
    if marker is not None:
        commits = marker.kwargs.get("transaction")
        request.getfixturevalue("transactional_db" if commits else "db")
        if not commits:
            _let_its_transaction_be_idle()
        create_plans()


def _let_its_transaction_be_idle() -> None:
    """A test that rolls back is one transaction; while it does other things, on a busy machine, the server
    would end it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


@pytest.fixture
async def closed_links() -> AsyncIterator[None]:
    """Close what a test's event loop has opened to PostgreSQL and to Redis."""
    yield
    await close_line()
    await close_links()


@pytest.fixture(autouse=True)
def _repositories_see_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run repository methods inside the transaction of a test that rolls back."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("db")
    with on_this_connection():
        yield


@pytest.fixture(
    params=[
        pytest.param("own connection", marks=pytest.mark.django_db),
        pytest.param("pool", marks=pytest.mark.django_db(transaction=True)),
    ]
)
def both_ways(request: pytest.FixtureRequest) -> str:
    """Run a test twice: methods on the test's own connection, and on the pool with committed data."""
    return str(request.param)
