"""`/health/live` and `/health/ready`, in front of Django: no session, no host, no redirect, no log line each.

Live: the event loop turns. Ready: the database answers; without Redis we serve, only slower.
"""

import asyncio
import json
from time import monotonic

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

from faceitbot.core.health import registry
from faceitbot.core.health.checks import State, overall
from faceitbot.core.health.looking import look

LIVE, READY = "/health/live", "/health/ready"
CHECKS = ("database", "cache")
LOOK_SECONDS = 4.0
KEPT_SECONDS = 1.0  # however often it is asked


class HealthEndpoints:
    """Answers the two addresses, and passes everything else on."""

    def __init__(self, application: ASGI3Application) -> None:
        self._application = application
        self._look: asyncio.Task[State] | None = None
        self._looked_at = 0.0

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http" or scope["path"] not in (LIVE, READY):
            await self._application(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, "method not allowed")
        elif scope["path"] == LIVE:
            await _answer(send, 200, "live")
        else:
            state = await self._state()
            await _answer(send, 503 if state == State.DOWN else 200, state.value)

    async def _state(self) -> State:
        """Look, together with all who ask at the same time."""
        ends = self._look is None or (self._look.done() and monotonic() - self._looked_at > KEPT_SECONDS)
        if ends or self._look is None:
            self._look = asyncio.create_task(self._new_look())
        return await asyncio.shield(self._look)

    async def _new_look(self) -> State:
        verdicts = await asyncio.to_thread(look, registry.checks(*CHECKS), LOOK_SECONDS)
        self._looked_at = monotonic()
        return overall(verdicts)


async def _answer(send: ASGISendCallable, status: int, state: str) -> None:
    body = json.dumps({"status": state}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
