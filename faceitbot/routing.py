"""Where each websocket goes; an address that there is none at is refused."""

from collections.abc import Callable
from typing import Any, cast

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from channels.routing import URLRouter
from django.urls import path, re_path

from faceitbot.live.consumer import LiveConsumer


async def refuse_websocket(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer a websocket handshake with 403; without it each one would be a traceback in the log."""
    await receive()
    await send({"type": "websocket.close", "code": 1000, "reason": None})


websockets = URLRouter(
    [
        path("admin/live/socket/", LiveConsumer.as_asgi()),
        re_path("", cast("Callable[..., Any]", refuse_websocket)),  # Channels routes to applications
    ]
)
