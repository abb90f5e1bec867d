"""The ASGI application: HTTP through Django; websockets are refused until a page needs one."""

import os

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

from faceitbot.core import cache
from faceitbot.env import refuse_wrong_environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faceitbot.settings")
refuse_wrong_environment(settings.ENVIRONMENT_PROBLEMS)


async def refuse_websocket(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer a websocket handshake with 403; without it each one would be a traceback in the log."""
    await receive()
    await send({"type": "websocket.close", "code": 1000, "reason": None})


application = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": refuse_websocket})
cache.doubt_everything()
