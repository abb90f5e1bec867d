"""What a proxy says of its own connection is no word of the server about the statement."""

import asyncio

import pytest
from django.db import connection

from faceitbot.core import atomically
from faceitbot.core.errors import OutcomeUnknown
from faceitbot.core.statements import line as line_module
from faceitbot.core.statements.line import Line
from tests.core.statements.lying_proxy import lying_proxy
from tests.eventually import eventually
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = "UPDATE users SET total_requests = total_requests + 1 WHERE telegram_id = %(user_id)s RETURNING 1"
users = UserRepository()


def requests():
    return User.objects.get(telegram_id=7).total_requests


@pytest.fixture
async def proxied(monkeypatch):
    """A line through a proxy, and that proxy; the tests' own connections go past it."""
    server = connection.settings_dict
    async with lying_proxy(server["HOST"], server["PORT"]) as (proxy, port):
        with monkeypatch.context() as patch:
            patch.setitem(server, "HOST", "127.0.0.1")
            patch.setitem(server, "PORT", port)
            line = Line()
        yield line, proxy
        await line.close()


async def committed_and_cut(line, proxy):
    """Have a statement committed, its answer kept back, and the connection said to have crashed."""
    await users.create_user(7)
    await line.read("Test.warm", "SELECT 1", ())
    proxy.keeping = True
    counting = asyncio.ensure_future(line.write("Test.count", COUNT, {"user_id": 7}))
    await atomically(lambda: eventually(lambda: requests() == 1))
    proxy.keeping = False
    proxy.say(b"08P01")
    return await asyncio.gather(counting, return_exceptions=True)


async def test_who_does_not_know_whether_it_was_counted_is_told_so(proxied):
    [found] = await committed_and_cut(*proxied)

    assert isinstance(found, OutcomeUnknown)
    assert await atomically(requests) == 1


async def test_control_taken_for_the_servers_word_it_is_counted_again(proxied, monkeypatch):
    monkeypatch.setattr(line_module, "_CONNECTION_CLASS", "no state begins like this")

    await committed_and_cut(*proxied)

    assert await atomically(requests) == 2
