"""One viewer of the page, over a websocket.

He gets a whole snapshot, says that he has it, and gets the newest one at the next tick: of a slow viewer no
more than one is ever on its way. Who is silent for five seconds is let go; his page comes back by itself.
"""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from faceitbot.core import workers
from faceitbot.core.errors import Unavailable
from faceitbot.core.health.database import reading
from faceitbot.core.monitoring.websockets import CLIENTS
from faceitbot.live.admission import is_admitted, is_from_our_page
from faceitbot.live.feed import feed

SILENCE_SECONDS = 5.0
NOT_ALLOWED, TOO_SLOW = 4403, 4408  # codes of ours, for the page's script
log = structlog.get_logger(__name__)


class LiveConsumer(AsyncWebsocketConsumer):
    """Shows snapshots to one viewer, as long as he may see them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._got = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self) -> None:
        """Let in whoever may watch, from our own page; 403 for all others."""
        self._headers: dict[bytes, bytes] = dict(self.scope["headers"])
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self._language = query.get("language", [""])[0]
        if not is_from_our_page(self._headers) or not await self._is_admitted(unknown=False):
            await self.close()
            return
        await self.accept()
        self._tasks = [asyncio.create_task(each) for each in (self._show(), self._ask_again())]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Hear that the last snapshot has come."""
        self._got.set()

    async def disconnect(self, code: int) -> None:
        """Show nothing more."""
        for task in self._tasks:
            task.cancel()

    async def _show(self) -> None:
        shown = None
        with feed.watched(), CLIENTS.track_inprogress():
            while True:
                shown = await feed.newer_than(shown)
                self._got.clear()
                try:
                    async with asyncio.timeout(SILENCE_SECONDS):
                        await self.send(text_data=shown.told(self._language).text)
                        await self._got.wait()
                except TimeoutError:
                    log.info("live.viewer_dropped", reason="slow")
                    await self._end(TOO_SLOW)
                    return
                except OSError:
                    return  # he has gone

    async def _ask_again(self) -> None:
        admitted = True
        while admitted:
            await asyncio.sleep(settings.LIVE_RIGHTS_SECONDS)
            admitted = await self._is_admitted(unknown=True)
        log.info("live.viewer_dropped", reason="rights")
        self._tasks[0].cancel()
        await self._end(NOT_ALLOWED)

    async def _is_admitted(self, *, unknown: bool) -> bool:
        """Ask for his rights; `unknown` is the answer where the database gives none.

        Whoever's rights cannot be told for any other reason, a fault of ours, has none.
        """
        try:
            return await workers.hop(lambda: reading("live_rights", partial(is_admitted, self._headers)))
        except Unavailable:
            return unknown
        except Exception:
            log.exception("live.rights_failed")
            return False

    async def _end(self, code: int) -> None:
        # What has not left yet keeps the close from leaving, too; the server's own pings end that.
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(SILENCE_SECONDS):
                await self.close(code)
