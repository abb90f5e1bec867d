"""The rows of the growth measurement are those that its calls ask for, and no index is left out. No times."""

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, connections

from bench import growth, growth_rows
from bench.rounds import Operation, Server, measure
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.link import close_links
from faceitbot.core.statements import close_line
from tests.other_process import environment

USERS = 40


@pytest.fixture
async def rows(transactional_db, monkeypatch):
    for alias in ALIASES:
        monkeypatch.setitem(settings.CACHES[alias], "TIMEOUT", settings.CACHES[alias]["TIMEOUT"])
    monkeypatch.setattr(growth.rows, "users", USERS)
    await sync_to_async(growth_rows.fill)(environment()["DATABASE_URL"], USERS)
    yield
    await sync_to_async(connections.close_all)()
    await close_line()
    await close_links()


def indexes_left_out() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid OR NOT indisready")
        return cursor.fetchone()[0]


async def test_every_call_is_answered_rightly(rows):
    assert await sync_to_async(indexes_left_out)() == 0
    for name, contender in growth.CALLS.items():
        operation = Operation("growth", "", [contender])
        found = await measure(operation, tasks=3, rounds=1, seconds=0.001, server=Server(), most=6)

        assert found[""].calls == 6, name
