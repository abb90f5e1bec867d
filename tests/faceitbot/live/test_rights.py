"""What becomes of a viewer whose rights cannot be told: the database is away, or a fault is ours."""

import asyncio
from typing import Any

import pytest

from faceitbot.core.errors import DatabaseUnavailable
from faceitbot.live import consumer
from faceitbot.live.consumer import NOT_ALLOWED, LiveConsumer
from faceitbot.live.feed import Feed
from faceitbot.live.snapshots import Snapshot, Told

pytestmark = pytest.mark.django_db(transaction=True)
AWAY = DatabaseUnavailable("it is away")
SCOPE = {
    "type": "websocket",
    "path": "/admin/live/socket/",
    "headers": [(b"host", b"testserver"), (b"origin", b"http://testserver")],
    "query_string": b"language=en",
}


@pytest.fixture
def answers(monkeypatch, settings):
    """What the questions for a viewer's rights come to, one after the other; the last one again and again."""
    settings.LIVE_RIGHTS_SECONDS = 0.01
    given: list[Any] = []

    def is_admitted(_headers):
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(consumer, "is_admitted", is_admitted)
    monkeypatch.setattr(consumer, "feed", Feed(lambda: Snapshot({"en": Told("{}", "")})))
    return given


class Viewer:
    """A browser at the other end of the consumer."""

    def __init__(self) -> None:
        self._says: asyncio.Queue[Any] = asyncio.Queue()
        self._hears: asyncio.Queue[Any] = asyncio.Queue()
        application = LiveConsumer.as_asgi()
        self._task = asyncio.create_task(application(dict(SCOPE), self._says.get, self._hears.put))
        self._says.put_nowait({"type": "websocket.connect"})

    async def hear(self):
        """Take what it is sent next, and answer it."""
        async with asyncio.timeout(20):
            heard = await self._hears.get()
        self._says.put_nowait({"type": "websocket.receive", "text": "got it"})
        return heard["type"].removeprefix("websocket."), heard.get("code")

    async def hear_until(self, kind):
        """Take what it is sent up to something of a kind, and give that."""
        while (heard := await self.hear())[0] != kind:
            pass
        return heard

    async def leave(self):
        """Go away."""
        self._says.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait([self._task])


async def test_a_fault_of_ours_when_he_comes_lets_nobody_in(answers):
    answers.append(RuntimeError("a fault of ours"))
    viewer = Viewer()

    assert (await viewer.hear())[0] == "close"
    await viewer.leave()


async def test_a_fault_of_ours_later_closes_his_socket(answers):
    answers += [True, True, RuntimeError("a fault of ours")]
    viewer = Viewer()

    assert (await viewer.hear())[0] == "accept"
    assert await viewer.hear_until("close") == ("close", NOT_ALLOWED)
    await viewer.leave()


async def test_a_database_that_is_away_lets_nobody_in_and_closes_nothing(answers):
    answers += [True, AWAY, AWAY, AWAY, False]
    viewer = Viewer()

    assert (await viewer.hear())[0] == "accept"
    assert await viewer.hear_until("close") == ("close", NOT_ALLOWED)
    assert answers == [False]  # and not before
    await viewer.leave()

    answers[:] = [AWAY]
    other = Viewer()
    assert (await other.hear())[0] == "close"
    await other.leave()
