"""`/metrics` for Prometheus, in front of Django: by a token, without a session, also when no server answers.

Without an Authorization header the question goes on to Django, where staff are let in by their session.
"""

import asyncio
from hmac import compare_digest

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from django.conf import settings

from faceitbot.core.monitoring.exposing import exposed

PATH = "/metrics"
_BEARER = b"Bearer "


class MetricsEndpoint:
    """Answers the one address to whoever shows the token, and passes everything else on."""

    def __init__(self, application: ASGI3Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if (
            scope["type"] != "http"
            or scope["path"] != PATH
            or (shown := _header(scope, b"authorization")) is None
        ):
            await self._application(scope, receive, send)
        elif not _is_right(shown):
            await _answer(send, 403, b"forbidden\n", "text/plain; charset=utf-8")
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, b"method not allowed\n", "text/plain; charset=utf-8")
        else:
            accept = (_header(scope, b"accept") or b"").decode("latin-1")
            body, content_type = await asyncio.to_thread(exposed, accept)
            await _answer(send, 200, body, content_type)


def _is_right(shown: bytes) -> bool:
    token = settings.METRICS_TOKEN.encode()
    return bool(token) and compare_digest(shown, _BEARER + token)


def _header(scope: HTTPScope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key.lower() == name), None)


async def _answer(send: ASGISendCallable, status: int, body: bytes, content_type: str) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
