"""Every contender of the measurements gives right answers, and does what it says. No times."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, connections

from bench import cache
from bench.operations import handlers, limits, metrics, users
from bench.operations.running import everybody
from bench.rounds import Operation, Samples, measure
from bench.sizes import Size
from bench.world import fill
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.link import close_links
from faceitbot.core.cache.registry import server_of
from faceitbot.core.statements import close_line
from tests.other_process import environment

SIZE = Size("tiny", users=220, players=120, rounds=1, seconds=0.001, most=12)
TASKS = 6
OPERATIONS = [
    users.USER,
    limits.LIMIT,
    metrics.METRIC,
    handlers.HANDLER,
    *(each for each in cache.OPERATIONS if each is not cache.FIGURES),
]


@pytest.fixture
def caches(monkeypatch):
    """Leave the caches as they were: contenders switch them."""
    for alias in ALIASES:
        monkeypatch.setitem(settings.CACHES[alias], "TIMEOUT", settings.CACHES[alias]["TIMEOUT"])
        shelf = server_of(alias).state.shelf
        monkeypatch.setattr(shelf, "most_bytes", shelf.most_bytes)


@pytest.fixture
async def server(db_with_commits, caches, monkeypatch):
    """Give the server's own counts, with the world filled and everybody connected who is installed."""
    monkeypatch.setenv("DATABASE_URL", environment()["DATABASE_URL"])
    await fill(SIZE)
    async with everybody(SIZE) as found:
        yield found
    await sync_to_async(connections.close_all)()
    await close_line()
    await close_links()


@pytest.fixture
def db_with_commits(transactional_db):
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION IF EXISTS pg_stat_statements")


async def samples_of(operation: Operation, server: Any) -> dict[str, Samples]:
    return await measure(
        operation, tasks=TASKS, rounds=1, seconds=SIZE.seconds, server=server, most=SIZE.most
    )


def test_all_the_contenders_can_be_tried_here():
    absent = {
        contender.peer.package
        for operation in OPERATIONS
        for contender in operation.contenders
        if contender.peer is not None and not contender.peer.is_installed
    }

    if absent:
        pytest.skip(f"{', '.join(sorted(absent))} not installed: `dev.py bench` does that")


@pytest.mark.proof("contenders")
async def test_every_answer_is_right_and_what_is_written_is_in_the_table(server, full_size):
    tried = OPERATIONS if full_size else [users.USER, limits.LIMIT]
    found = {operation.name: await samples_of(operation, server) for operation in tried}

    assert {samples.calls for each in found.values() for samples in each.values()} == {SIZE.most}
    for operation in tried:
        assert {target.ours for target in operation.targets} <= {*found[operation.name]}
    asked = found["user"]
    assert asked["faceitbot"].median("statements") < 1  # calls that come together share one
    assert asked["faceitbot without batching"].median("statements") == 1
